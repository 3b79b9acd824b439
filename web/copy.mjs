// What needs no building goes beside what was built. index.html is last: it is there only if everything is.
import { copyFileSync } from "node:fs";
for (const file of ["board.css", "index.html"]) copyFileSync(`src/${file}`, `dist/${file}`);
