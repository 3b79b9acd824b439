# The engine alone: one program, its configuration and its menus.
#
#   docker build -t switchboard .
#   docker run --network host -v ./config:/etc/switchboard -v switchboard-data:/var/lib/switchboard switchboard
#
# RTP wants the host's network: a port mapping of a thousand ports is slow to set up and hides the address a peer must send to.

FROM node:22-bookworm-slim AS web
WORKDIR /src/web
COPY web .
RUN npm ci --ignore-scripts && npm run build

FROM rust:1.95.0-bookworm AS build
WORKDIR /src
COPY . .
COPY --from=web /src/web/dist web/dist
RUN cargo build --locked --release -p switchboard

FROM debian:bookworm-slim
RUN useradd --system --home-dir /var/lib/switchboard --create-home switchboard
COPY --from=build /src/target/release/switchboard /usr/local/bin/switchboard
COPY config /etc/switchboard
COPY ivr-menus /etc/ivr-menus
USER switchboard
WORKDIR /var/lib/switchboard
VOLUME /var/lib/switchboard
EXPOSE 5060/udp
STOPSIGNAL SIGTERM
ENTRYPOINT ["switchboard"]
CMD ["serve", "--config", "/etc/switchboard", "--data", "/var/lib/switchboard"]
