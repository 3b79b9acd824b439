-- The second implementation of every figure of a report: plain SQL over the contact events, sharing nothing with the first.
-- $1 from, $2 to: whole seconds since 1970. $3 queue or NULL for all. $4 within X s. $5 short s. $6 'end' or 'arrival'. $7 the clock's
-- begin, 'request' or 'queue'; $8 the events that stop it. $9 'none', or what $10 lists: 'queue', 'agent', 'trunk', 'exit'. $11 days of a repeat.
-- `upto` holds the last number of each writer the report has read, `resolved` words, `roster` shifts. Waits are measured anew from moments.
WITH e AS (SELECT v.writer, v.seq, at, call, what, queue, agent, cause, hung_up, ring_end, requested_by, presence, activity, menu, choice, trunk, customer, to_agent
  FROM events v JOIN upto u ON u.writer = v.writer AND v.seq <= u.seq),
present AS (SELECT MAX(at) AS now FROM e),
calls AS (SELECT call, MAX(CASE what WHEN 'answered' THEN 1 END) AS was_answered, MIN(at) FILTER (WHERE what = 'human_requested') AS since, MIN(at) FILTER (WHERE what = 'queued') AS queued,
    MIN(at) FILTER (WHERE $8 LIKE '%,' || what || ',%') AS stopped, MIN(at) FILTER (WHERE what = 'picked_up') AS picked,
    MAX(at) FILTER (WHERE what = 'ended') AS over, MAX(cause) AS cause, MAX(seq) FILTER (WHERE what = 'queued') AS place, MIN(seq) FILTER (WHERE what = 'queued') AS entry, MAX(trunk) AS trunk, MAX(customer) AS customer
  FROM e WHERE call IS NOT NULL GROUP BY call),
-- Each event of a call with the last ringing, menu and key before it.
told AS (SELECT e.*, MAX(CASE what WHEN 'ringing' THEN seq END) OVER before AS ring,
    MAX(CASE what WHEN 'menu_entered' THEN seq END) OVER before AS menu_seq, MAX(CASE what WHEN 'menu_choice' THEN seq END) OVER before AS key_seq,
    MAX(CASE what WHEN 'human_requested' THEN 1 END) OVER before AS asked, MAX(CASE what WHEN 'answered' THEN 1 END) OVER before AS was_answered
  FROM e WHERE call IS NOT NULL WINDOW before AS (PARTITION BY call ORDER BY seq)),
exits AS (SELECT call, COALESCE((SELECT m.menu FROM events m WHERE m.writer = t.writer AND m.seq = t.menu_seq), '-') || '.' ||
    CASE WHEN key_seq > menu_seq THEN (SELECT k.choice FROM events k WHERE k.writer = t.writer AND k.seq = t.key_seq) ELSE '-' END AS exit,
    what, at, queue, requested_by, cause, asked, was_answered FROM told t WHERE what IN ('human_requested', 'ended')),
lived AS (SELECT c.call, COALESCE(c.stopped, c.over, now) AS until, c.trunk, x.exit, CASE WHEN c.stopped IS NOT NULL THEN p.agent END AS agent,
    CASE $7 WHEN 'queue' THEN COALESCE(c.queued, c.stopped, c.over, now) ELSE c.since END AS since,
    CASE WHEN c.stopped IS NOT NULL THEN 'answered' WHEN c.over IS NULL THEN 'waiting' WHEN c.cause IN ('abandoned_waiting', 'abandoned_ringing')
      OR c.picked IS NOT NULL AND c.cause = 'caller_done' THEN 'abandoned' ELSE 'failed' END AS kind, CASE WHEN c.picked IS NOT NULL THEN p.queue ELSE COALESCE(o.queue, q.queue, r.queue) END AS queue
  FROM calls c CROSS JOIN present JOIN e r ON r.call = c.call AND r.what = 'human_requested' JOIN exits x ON x.call = c.call AND x.what = 'human_requested'
    LEFT JOIN e p ON p.call = c.call AND p.what = 'picked_up' AND p.at = c.picked LEFT JOIN e o ON o.call = c.call AND o.what = 'ended' LEFT JOIN e q ON q.call = c.call AND q.what = 'queued' AND q.seq = c.place),
waits AS (SELECT l.*, (until - since + ABS(until - since)) / 2000 AS ms FROM lived l),
w AS (SELECT kind, ms, (ms + 999) / 1000 AS s FROM waits WHERE ($3 IS NULL OR queue = $3) AND CASE $6 WHEN 'arrival' THEN since ELSE until END / 1000000 BETWEEN $1 AND $2 - 1
    AND CASE $9 WHEN 'none' THEN 1 = 1 WHEN 'exit' THEN $10 = ',' || exit || ',' ELSE $10 LIKE '%,' || CAST(CASE $9 WHEN 'queue' THEN queue WHEN 'agent' THEN agent ELSE trunk END AS TEXT) || ',%' END),
n AS (SELECT COUNT(*) FILTER (WHERE kind = 'answered') AS a, COUNT(*) FILTER (WHERE kind = 'answered' AND s <= $4) AS a_in,
    COUNT(*) FILTER (WHERE kind = 'abandoned') AS b, COUNT(*) FILTER (WHERE kind = 'abandoned' AND s <= $4) AS b_in,
    COUNT(*) FILTER (WHERE kind = 'abandoned' AND s <= $5) AS short, COUNT(*) FILTER (WHERE kind = 'failed') AS f,
    COUNT(*) FILTER (WHERE kind = 'waiting') AS w, COUNT(*) FILTER (WHERE kind = 'waiting' AND s > $4) AS w_over,
    COALESCE(SUM(ms) FILTER (WHERE kind = 'answered'), 0) AS a_ms, COALESCE(SUM(ms) FILTER (WHERE kind = 'abandoned'), 0) AS b_ms, COALESCE(MAX(ms) FILTER (WHERE kind <> 'waiting'), 0) AS longest FROM w),
ranked AS (SELECT CASE WHEN s > 2047 THEN 2047 ELSE s END AS s, ROW_NUMBER() OVER (ORDER BY s) AS rank FROM w WHERE kind = 'answered'),
rings AS (SELECT t.*, (SELECT r.queue FROM events r WHERE r.writer = t.writer AND r.seq = t.ring) AS for_queue, (t.at - (SELECT r.at FROM events r WHERE r.writer = t.writer AND r.seq = t.ring)) / 1000 AS ring_ms
  FROM told t WHERE t.what IN ('ring_ended', 'picked_up', 'talk_ended', 'retrieved', 'consult_ended', 'transfer_ended') AND t.at / 1000000 BETWEEN $1 AND $2 - 1),
rung AS (SELECT * FROM rings WHERE $3 IS NULL OR for_queue = $3),
talk AS (SELECT COUNT(*) AS n, COALESCE(SUM((at - (SELECT MAX(c.at) FROM e c WHERE c.call = rung.call AND c.agent = rung.agent AND c.what = 'connected' AND c.seq < rung.seq)) / 1000), 0) AS ms FROM rung WHERE what = 'talk_ended'),
left_menu AS (SELECT 'exit.' || exit || '.' || COALESCE(requested_by, cause) AS id FROM exits
  WHERE at / 1000000 BETWEEN $1 AND $2 - 1 AND (what = 'human_requested' AND ($3 IS NULL OR queue = $3) OR what = 'ended' AND was_answered = 1 AND asked IS NULL AND $3 IS NULL)),
states AS (SELECT agent, at, seq, presence, activity, LEAD(at) OVER p AS until, LAG(activity) OVER p AS earlier
  FROM e WHERE what = 'agent_state' WINDOW p AS (PARTITION BY agent ORDER BY seq)),
turns AS (SELECT agent, activity, at, LEAD(at) OVER (PARTITION BY agent ORDER BY seq) AS until FROM states WHERE activity IS DISTINCT FROM earlier),
-- Whose caller it was: the last picked up, or given to him after a consultation, which is no new pick-up.
got AS (SELECT agent, queue, at FROM e WHERE what = 'picked_up'
  UNION ALL SELECT t.to_agent, (SELECT r.queue FROM events r WHERE r.writer = t.writer AND r.seq = t.ring), t.at FROM told t WHERE t.what = 'transfer_ended' AND ring_end = 'done' AND to_agent IS NOT NULL),
work AS (SELECT COUNT(*) AS n, COALESCE(SUM((until - at) / 1000), 0) AS ms FROM turns t WHERE activity = 'after_call_work'
    AND until / 1000000 BETWEEN $1 AND $2 - 1 AND ($3 IS NULL OR $3 = (SELECT g.queue FROM got g WHERE g.agent = t.agent AND g.at <= t.at ORDER BY g.at DESC LIMIT 1))),
edges AS (SELECT $1 * 1000000 AS a, CASE WHEN now < $2 * 1000000 THEN now ELSE $2 * 1000000 END AS z FROM present),
spent AS (SELECT agent, CASE WHEN activity <> 'idle' THEN activity WHEN presence = 'logged_out' THEN 'logged_out' WHEN presence = 'ready' THEN 'idle' ELSE 'not_ready' END AS cell,
    CASE WHEN at > a THEN at ELSE a END AS at, CASE WHEN until < z THEN until ELSE z END - CASE WHEN at > a THEN at ELSE a END AS us FROM states CROSS JOIN edges WHERE $3 IS NULL),
cells AS (SELECT agent, cell, CAST(SUM(us) AS BIGINT) / 1000 AS ms FROM spent WHERE us > 0 GROUP BY agent, cell),
shifts AS (SELECT agent, CASE WHEN r.a > e.a THEN r.a ELSE e.a END AS a, CASE WHEN r.z < e.z THEN r.z ELSE e.z END AS z FROM roster r CROSS JOIN edges e WHERE $3 IS NULL),
rostered AS (SELECT agent, CAST(SUM(CASE WHEN z > a THEN z - a ELSE 0 END) AS BIGINT) / 1000 AS ms FROM shifts GROUP BY agent),
there AS (SELECT t.agent, cell, CASE WHEN at + us < z THEN at + us ELSE z END - CASE WHEN at > a THEN at ELSE a END AS us FROM spent t JOIN shifts s ON s.agent = t.agent),
kept AS (SELECT r.agent, ms, COALESCE((SELECT CAST(SUM(us) AS BIGINT) / 1000 FROM there t WHERE t.agent = r.agent AND us > 0 AND cell <> 'logged_out'), 0) AS attended,
    COALESCE((SELECT CAST(SUM(us) AS BIGINT) / 1000 FROM there t WHERE t.agent = r.agent AND us > 0 AND cell NOT IN ('logged_out', 'not_ready')), 0) AS kept FROM rostered r),
entries AS (SELECT COUNT(*) FILTER (WHERE what = 'queued') AS n, COUNT(*) FILTER (WHERE what = 'queued' AND seq > entry) AS again, COUNT(*) FILTER (WHERE what = 'step_taken') AS steps
  FROM e JOIN calls c ON c.call = e.call WHERE what IN ('queued', 'step_taken') AND at / 1000000 BETWEEN $1 AND $2 - 1 AND ($3 IS NULL OR queue = $3)),
-- A need is a call's topic; the last word about it counts, and the customer's next of the same topic is its repeat.
said AS (SELECT n.call, topic, outcome, n.at, customer, picked, ROW_NUMBER() OVER (PARTITION BY n.call, topic ORDER BY n.seq DESC, nth DESC) AS back
  FROM needs n JOIN upto u ON u.writer = n.writer AND n.seq <= u.seq LEFT JOIN calls c ON c.call = n.call),
need AS (SELECT s.*, p.queue, CASE WHEN LEAD(s.at) OVER (PARTITION BY s.customer, s.topic ORDER BY s.at, s.call) <= s.at + $11 * 86400000000 THEN 1 ELSE 0 END AS again,
    CASE WHEN s.at + $11 * 86400000000 <= now THEN 1 ELSE 0 END AS passed
  FROM said s CROSS JOIN present LEFT JOIN e p ON p.call = s.call AND p.what = 'picked_up' AND p.at = s.picked WHERE back = 1),
f AS (SELECT COUNT(*) AS n, COUNT(*) FILTER (WHERE outcome <> 'erased') AS told, COUNT(*) FILTER (WHERE outcome <> 'erased' AND outcome IN (SELECT word FROM resolved)) AS good,
    COUNT(*) FILTER (WHERE customer IS NOT NULL AND again = 0 AND passed = 1) AS once, COUNT(*) FILTER (WHERE customer IS NOT NULL AND again + passed > 0) AS decided,
    COUNT(*) FILTER (WHERE customer IS NULL) AS unknown FROM need WHERE at / 1000000 BETWEEN $1 AND $2 - 1 AND ($3 IS NULL OR queue = $3)),
agents AS (SELECT agent, COALESCE(SUM(ms) FILTER (WHERE cell IN ('talking', 'after_call_work')), 0) AS busy, COALESCE(SUM(ms) FILTER (WHERE cell IN ('talking', 'after_call_work', 'ringing', 'idle')), 0) AS taking,
    COALESCE(SUM(ms) FILTER (WHERE cell <> 'logged_out'), 0) AS staffed FROM cells GROUP BY agent),
figures(id, percent, num, den) AS (
  SELECT 'F1', 1, a_in + b_in, a + b FROM n UNION ALL SELECT 'F2', 1, a_in, a FROM n UNION ALL SELECT 'F3', 1, a_in, a + b FROM n UNION ALL SELECT 'F4', 1, a_in, a + b - b_in FROM n
  UNION ALL SELECT 'F5a', 1, a_in + short, a + b FROM n UNION ALL SELECT 'F5b', 1, a_in, a + b - short FROM n UNION ALL SELECT 'F6', 1, a_in + b_in, a + b + f + w FROM n UNION ALL SELECT 'F7', 1, a_in, a + b FROM n
  UNION ALL SELECT 'F8', 1, a_in, a + b + w_over FROM n UNION ALL SELECT 'answered_within', 0, a_in, 1 FROM n UNION ALL SELECT 'abandoned_within', 0, b_in, 1 FROM n
  UNION ALL SELECT 'abandoned_over', 0, b - b_in, 1 FROM n UNION ALL SELECT 'waiting_over', 0, w_over, 1 FROM n UNION ALL SELECT 'offered', 0, a + b + f + w, 1 FROM n UNION ALL SELECT 'answered', 0, a, 1 FROM n
  UNION ALL SELECT 'abandoned', 0, b, 1 FROM n UNION ALL SELECT 'abandoned_short', 0, short, 1 FROM n UNION ALL SELECT 'failed', 0, f, 1 FROM n UNION ALL SELECT 'waiting', 0, w, 1 FROM n
  UNION ALL SELECT 'answer_rate', 1, a, a + b + f + w FROM n UNION ALL SELECT 'answer_rate_without_short', 1, a, a + b + f + w - short FROM n UNION ALL SELECT 'abandonment', 1, b, a + b FROM n
  UNION ALL SELECT 'abandonment_without_short', 1, b - short, a + b - short FROM n UNION ALL SELECT 'asa_ms', 0, a_ms, a FROM n UNION ALL SELECT 'time_to_abandon_ms', 0, b_ms, b FROM n
  UNION ALL SELECT 'longest_wait_ms', 0, longest, CASE WHEN a + b + f > 0 THEN 1 ELSE 0 END FROM n
  UNION ALL SELECT 'wait_s_p' || p, 0, COALESCE((SELECT s FROM ranked WHERE rank = (n.a * p + 99) / 100), 0), CASE WHEN a > 0 THEN 1 ELSE 0 END FROM n CROSS JOIN (SELECT 50 AS p UNION ALL SELECT 90 UNION ALL SELECT 95) AS ranks
  UNION ALL SELECT 'handled', 0, n, 1 FROM talk UNION ALL SELECT 'talk_ms', 0, ms, n FROM talk UNION ALL SELECT 'after_call_work_ms', 0, ms, n FROM work UNION ALL SELECT 'queue_entries', 0, n, 1 FROM entries
  UNION ALL SELECT 'queue_re_entries', 0, again, 1 FROM entries UNION ALL SELECT 'overflow_steps', 0, steps, 1 FROM entries UNION ALL SELECT 'needs', 0, n, 1 FROM f
  UNION ALL SELECT 'resolved_by_outcome', 1, good, told FROM f UNION ALL SELECT 'resolved_without_repeat', 1, once, decided FROM f UNION ALL SELECT 'needs_undecided', 0, n - decided - unknown, 1 FROM f
  UNION ALL SELECT 'needs_unknown_customer', 0, unknown, 1 FROM f UNION ALL SELECT 'rostered_ms', 0, SUM(ms), 1 FROM kept HAVING COUNT(*) > 0
  UNION ALL SELECT 'attendance', 1, SUM(attended), SUM(ms) FROM kept HAVING COUNT(*) > 0 UNION ALL SELECT 'adherence', 1, SUM(kept), SUM(ms) FROM kept HAVING COUNT(*) > 0
  UNION ALL SELECT 'agent.' || agent || '.rostered_ms', 0, ms, 1 FROM kept UNION ALL SELECT 'agent.' || agent || '.attendance', 1, attended, ms FROM kept
  UNION ALL SELECT 'agent.' || agent || '.adherence', 1, kept, ms FROM kept UNION ALL SELECT 'aht_ms', 0, talk.ms + work.ms, talk.n FROM talk CROSS JOIN work
  UNION ALL SELECT 'ring_ms', 0, COALESCE(SUM(ring_ms), 0), COUNT(*) FROM rung WHERE what = 'picked_up' UNION ALL SELECT 'ring_end.' || ring_end, 0, COUNT(*), 1 FROM rung WHERE what = 'ring_ended' GROUP BY ring_end
  UNION ALL SELECT CASE what WHEN 'retrieved' THEN 'held' WHEN 'consult_ended' THEN 'consulted' ELSE 'gave_on' END, 0, COUNT(*), 1 FROM rung WHERE what IN ('retrieved', 'consult_ended') OR what = 'transfer_ended' AND ring_end = 'done' GROUP BY 1
  UNION ALL SELECT 'hung_up.' || hung_up, 0, COUNT(*), 1 FROM rung WHERE what = 'talk_ended' GROUP BY hung_up UNION ALL SELECT id, 0, COUNT(*), 1 FROM left_menu GROUP BY id
  UNION ALL SELECT 'agent.' || agent || '.' || COALESCE(ring_end, CASE what WHEN 'picked_up' THEN what ELSE 'talks' END), 0, COUNT(*), 1 FROM rung WHERE what IN ('ring_ended', 'picked_up', 'talk_ended') GROUP BY 1
  UNION ALL SELECT 'agent.' || agent || '.' || cell || '_ms', 0, ms, 1 FROM cells UNION ALL SELECT 'agent.' || agent || '.occupancy', 1, busy, taking FROM agents
  UNION ALL SELECT 'agent.' || agent || '.utilisation', 1, busy, staffed FROM agents
  UNION ALL SELECT 'record.' || what, 0, COUNT(*), 1 FROM (SELECT CASE what WHEN 'human_requested' THEN 'offered' ELSE what END AS what FROM e) AS named WHERE what IN ('arrived', 'offered', 'ended') GROUP BY what
  UNION ALL SELECT 'record.' || kind, 0, COUNT(*), 1 FROM waits GROUP BY kind
  UNION ALL SELECT 'record.' || CASE WHEN over IS NULL THEN 'in_menu' WHEN was_answered = 1 THEN 'ended_in_menu' ELSE 'rejected' END, 0, COUNT(*), 1 FROM calls WHERE since IS NULL GROUP BY 1)
SELECT id, num, den, CASE WHEN den = 0 THEN NULL WHEN percent = 1 THEN CAST((20000 * num + den) / (2 * den) AS DOUBLE PRECISION) / 100 ELSE CAST((2 * num + den) / (2 * den) AS DOUBLE PRECISION) END AS value
FROM (SELECT id, percent, CAST(num AS BIGINT) AS num, CAST(den AS BIGINT) AS den FROM figures) AS whole;
