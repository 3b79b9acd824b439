// What the centre publishes once a second; crates/api/src/board.rs is the other side of it.

export interface Level {
  formula: string;
  text: string;
  within_s: number | null;
  window_s: number;
  numerator: number;
  denominator: number;
  percent: number | null;
  target_percent: number | null;
}

export interface Queue {
  name: string | null;
  waiting: number;
  ringing: number;
  longest_wait_ms: number | null;
  level: Level;
  answered: number;
  abandoned: number;
  failed: number;
  surge: { arrivals: number; usual: number | null; high: boolean; days: number };
}

export type AgentState =
  | "ready"
  | "ringing"
  | "talking"
  | "after_call_work"
  | "not_ready"
  | "rona"
  | "device_fault"
  | "logged_out";

export interface Agent {
  id: string;
  name: string;
  state: AgentState;
  since_ms: number | null;
}

export interface Board {
  centre: string;
  at_ms: number;
  since_ms: number;
  in_menu: number;
  with_agent: number;
  all: Queue;
  queues: Queue[];
  agents: Agent[];
  record: {
    held: number;
    held_max: number;
    disk_failing: string | null;
    behind_bytes: number;
    database_failing: string | null;
  };
  balance: { adds_up: boolean; failing: string[]; records_lost: number };
}
