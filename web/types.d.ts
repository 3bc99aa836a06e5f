// Shapes that cross a boundary: what the server sends, what the stream hub hands to a tab, and the
// pure state built from both. All times are ISO 8601 strings in UTC, durations are milliseconds.

type JobStatus = "starting" | "running" | "finished" | "failed";
type JobOutcome = "completed" | "stopped" | "failed" | "lost";
type StopMode = "after_current" | "now" | "force";
type ExecutionStatus = "ok" | "quality_failure" | "execution_error";

/** Who asked for a stop, when, how and why. */
interface StopRecord {
  actor?: string | null;
  reason?: string | null;
  mode?: StopMode | null;
  force?: boolean;
  requested_at?: string | null;
}

interface StrayProcess {
  pid: number;
  command?: string;
}

/** What became of the processes of a stopped run. */
interface Census {
  obeyed: number;
  killed: number;
  outside_group: number;
  remaining: StrayProcess[];
}

interface Job {
  id: string;
  status: JobStatus;
  command: string;
  target?: string | null;
  started_at: string;
  finished_at: string | null;
  exit_code: number | null;
  /** The registered project that it belongs to; null for the server's own. */
  benchmark_id?: string | null;
  run_id?: string | null;
  run_dir?: string | null;
  pid?: number | null;
  planned_test_count?: number | null;
  completed_test_count?: number | null;
  stopping?: boolean;
  stop_requested_at?: string | null;
  stop_mode?: StopMode | null;
  stop_deadline_at?: string | null;
  signal?: string | null;
  outcome?: JobOutcome | null;
  reason?: string | null;
  actor?: string | null;
  forced?: boolean;
  census?: Census | null;
  suite_filter?: string | null;
  command_args?: string[];
  stdout?: string;
  stderr?: string;
}

interface InFlightTest {
  test_id: string;
  target?: string | null;
  eval_file?: string | null;
  started_at?: string | null;
}

interface Progress {
  job_id?: string | null;
  run_id?: string | null;
  planned: number | null;
  completed: number;
  ok: number;
  quality_failures: number;
  execution_errors: number;
  in_flight: InFlightTest[];
  cost_usd?: number | null;
  started_at?: string | null;
}

/** One finished test as an event carries it. */
interface Row {
  run_id?: string | null;
  job_id?: string | null;
  test_id: string;
  /** The target that answered. */
  target?: string | null;
  /** The name it was asked for by; part of the test's identity. */
  requested_target?: string | null;
  eval_file?: string | null;
  execution_status: ExecutionStatus;
  score: number | null;
  duration_ms?: number | null;
  cost_usd?: number | null;
  error?: string | null;
}

interface AssertionResult {
  text: string;
  passed: boolean;
  evidence?: string;
}

interface GraderScore {
  name: string;
  type?: string;
  score: number;
  weight?: number;
  verdict?: string;
  assertions?: AssertionResult[];
  details?: unknown;
}

interface ChatMessage {
  role: string;
  content: unknown;
  toolCalls?: ToolCall[];
  tool_calls?: ToolCall[];
}

interface TokenUsage {
  input: number;
  output: number;
  cached?: number;
  reasoning?: number;
}

/** One effective result of `GET /api/runs/:id`. */
interface EvalResult {
  timestamp?: string;
  testId: string;
  suite?: string;
  category?: string;
  target?: string;
  requestedTarget?: string;
  evalFile?: string;
  score?: number | null;
  executionStatus?: ExecutionStatus;
  error?: string;
  assertions?: AssertionResult[];
  scores?: GraderScore[];
  tokenUsage?: TokenUsage;
  durationMs?: number;
  costUsd?: number;
  attempts?: number | unknown[];
  input?: ChatMessage[] | string;
  output?: ChatMessage[] | string;
}

interface RunMeta {
  filename: string;
  display_name?: string;
  path?: string;
  timestamp?: string;
  test_count?: number;
  pass_rate?: number;
  avg_score?: number | null;
  source?: string;
  target?: string;
  experiment?: string;
  tags?: string[];
  status?: "running" | "finished" | "interrupted" | "unknown";
  live?: boolean;
  job_id?: string | null;
  run_dir?: string;
  suite_filter?: string | null;
  planned_test_count?: number | null;
  completed_test_count?: number | null;
  targets?: string[];
  ok?: number;
  quality_failures?: number;
  execution_errors?: number;
  /** Rows replaced by a later attempt. */
  attempts?: number;
  bad_lines?: number;
  started_at?: string | null;
  resumed_at?: string | null;
  finished_at?: string | null;
  cost_usd?: number | null;
  exit_code?: number | null;
  signal?: string | null;
  stop?: StopRecord | null;
  pid?: number | null;
}

interface RunDetail {
  results: EvalResult[];
  source?: string;
  source_label?: string;
  run_dir?: string;
  suite_filter?: string;
  planned_test_count?: number;
  bad_lines?: number;
  run?: RunMeta;
  columns?: ResultColumns;
}

/** `{values, rows}`: for each result the place of its value; without `rows` all have the first one. */
interface ResultWords<T> {
  values: T[];
  rows?: number[];
}

/** The results of a run, member by member. */
interface ResultColumns {
  testId: string[];
  score: (number | null)[];
  durationMs: (number | null)[];
  costUsd: ResultWords<number | null>;
  executionStatus: ResultWords<ExecutionStatus>;
  target: ResultWords<string>;
  requestedTarget: ResultWords<string | null>;
  evalFile: ResultWords<string | null>;
  suite: ResultWords<string | null>;
  category: ResultWords<string | null>;
  error: ResultWords<string | null>;
  attempts: ResultWords<number>;
}

interface StudioConfig {
  read_only?: boolean;
  benchmark_name?: string;
  threshold?: number;
  version?: string;
  /** Whether the server lists all registered projects on its first page. */
  multi_benchmark_dashboard?: boolean;
  /** Whether the project is the server's own. */
  is_home?: boolean;
  /** Whether the server asks for a token, so that this browser has a session to end. */
  requires_token?: boolean;
}

/** A registered project; its numbers are there once the server has read its runs. */
interface Benchmark {
  id: string;
  name: string;
  path: string;
  added_at?: string;
  last_opened_at?: string;
  /** Whether its directory is there. */
  available?: boolean;
  is_home?: boolean;
  run_count?: number;
  live_count?: number;
  pass_rate?: number;
  last_run?: string | null;
}

/** The results repository of a project. */
interface RemoteStatus {
  configured: boolean;
  available: boolean;
  repo: string;
  path?: string;
  run_count: number;
  last_synced_at?: string;
  last_error?: string;
  commit?: string;
  /** Commits that the clone has and the repository has not, and the other way round. */
  ahead?: number;
  behind?: number;
  syncing?: boolean;
  /** What git does now: `clone`, `fetch` or `checkout`. */
  step?: string;
}

interface ProjectState {
  loaded: boolean;
  revision: number | string | null;
  config: StudioConfig;
  /** The registered projects. */
  benchmarks: Benchmark[];
  jobs: Map<string, Job>;
  /** Jobs of other projects, which the stream of the server's own project tells of as well. */
  others: Map<string, Job>;
  /** The newest ones, the live ones, and those that events told of. */
  runs: Map<string, RunMeta>;
  /** Runs of the project, also those that the stream did not bring. */
  runsTotal: number;
  progress: Map<string, Progress>;
  shutdown: string | null;
}

interface OutputChunk {
  stream: "stdout" | "stderr";
  offset: number;
  text: string;
}

interface JobState {
  loaded: boolean;
  /** The server said that it does not have this job (any more). */
  missing: boolean;
  /** The job's own stream is open or has ended: the log is complete up to now. */
  streaming: boolean;
  ended: boolean;
  job: Job | null;
  rows: Map<string, Row>;
  progress: Progress | null;
  output: OutputChunk[];
  outputChars: number;
  outputCut: boolean;
}

/** `name` is the event's name on the wire, `data` its parsed JSON. */
interface StreamEvent {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the reducers check what they read.
  data: any;
}

/** `paused`: other projects have the streams; `missing`: no such benchmark; `refused`: logged out. */
type Connection = "connecting" | "live" | "lost" | "paused" | "missing" | "refused";

type ToHub =
  | { kind: "hello"; lock: string | null; visible: boolean; scope?: string | null }
  | { kind: "scope"; scope: string | null }
  | { kind: "watch"; job: string }
  | { kind: "unwatch"; job: string }
  | { kind: "visible"; visible: boolean }
  | { kind: "retry" }
  | { kind: "bye" };

type FromHub =
  | { kind: "connection"; scope: string | null; connection: Connection; attempt: number }
  | { kind: "project"; scope: string | null; state: ProjectState }
  | { kind: "project-event"; scope: string | null; event: StreamEvent }
  | { kind: "job"; job: string; state: JobState }
  | { kind: "job-event"; job: string; event: StreamEvent }
  | { kind: "job-streaming"; job: string; streaming: boolean }
  | { kind: "job-lost"; job: string };

interface HubPort {
  post(message: FromHub): void;
}

interface SourceHandlers {
  open(): void;
  event(event: StreamEvent, id: string): void;
  /**
   * `closed` is true when the source will not come back by itself; `status` is then what the server
   * answers, 0 when it does not.
   */
  error(closed: boolean, status: number): void;
}

interface Source {
  close(): void;
}

type OpenSource = (path: string, handlers: SourceHandlers) => Source;

interface Timers {
  /** Runs `action` once after `milliseconds`; the result cancels it. */
  after(milliseconds: number, action: () => void): () => void;
}

interface DiscoveredEval {
  path: string;
  relative_path: string;
  category?: string;
}

interface LaunchRequest {
  suite_filter?: string;
  test_ids?: string[];
  target?: string;
  threshold?: number;
  workers?: number;
  dry_run?: boolean;
  output?: string;
  resume?: boolean;
  rerun_failed?: boolean;
}

interface Launched {
  id: string;
  status: string;
  command: string;
}

interface TextStyle {
  fg: string | null;
  bg: string | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
}

interface TextSpan {
  text: string;
  style: TextStyle | null;
}

// DOM that TypeScript 4.8 does not know yet.
interface Element {
  checkVisibility(): boolean;
}

interface HTMLElement {
  showPopover(): void;
  hidePopover(): void;
}

interface HTMLButtonElement {
  popoverTargetElement: Element | null;
}

interface ToggleEvent extends Event {
  readonly newState: "open" | "closed";
}

interface SharedWorkerGlobalScopeLike {
  onconnect: ((event: MessageEvent) => void) | null;
}

interface ToolCall {
  tool: string;
  input?: unknown;
  output?: unknown;
  id?: string;
  duration_ms?: number;
  durationMs?: number;
}

/** A test beside another one in its run. */
interface NeighbourTest {
  test_id: string;
  target: string;
  requested_target?: string;
  eval_file?: string;
  execution_status: ExecutionStatus;
}

interface EvalAnswer {
  eval: EvalResult;
  /** Its place among the tests of the run, from 1. */
  position?: number;
  total?: number;
  previous?: NeighbourTest | null;
  next?: NeighbourTest | null;
}

interface Facet {
  name: string;
  run_count: number;
}

/** What the list of runs can be filtered by. */
interface Facets {
  targets: Facet[];
  experiments: Facet[];
  tags: Facet[];
  sources: Facet[];
}

interface EvalDetail {
  answer: EvalAnswer;
  eval: EvalResult;
  /** Earlier results of the same identity, oldest first. */
  attempts: EvalResult[];
}

interface FileNode {
  name: string;
  path: string;
  type: "file" | "dir";
  children?: FileNode[];
}

interface ExperimentSummary {
  name: string;
  run_count: number;
  target_count: number;
  eval_count: number;
  passed_count: number;
  pass_rate: number;
  last_run: string | null;
}

interface TargetSummary {
  name: string;
  run_count: number;
  experiment_count: number;
  eval_count: number;
  passed_count: number;
  pass_rate: number;
  last_run?: string | null;
}

interface ComparedTest {
  test_id: string;
  score: number | null;
  passed: boolean;
  execution_status?: ExecutionStatus;
  /** Where its page is. */
  at?: { test_id: string; target?: string; eval_file?: string };
}

interface ComparedCell {
  experiment: string;
  target: string;
  eval_count: number;
  passed_count: number;
  pass_rate: number;
  avg_score: number | null;
  delta?: number | null;
  normalized_gain?: number | null;
  tests: ComparedTest[];
}

interface ComparedRun {
  run_id: string;
  started_at: string;
  experiment: string;
  target: string;
  tags?: string[];
  source: string;
  eval_count: number;
  passed_count: number;
  pass_rate: number;
  avg_score: number | null;
  tests: ComparedTest[];
}

interface Comparison {
  experiments: string[];
  targets: string[];
  cells: ComparedCell[];
  runs: ComparedRun[];
}

interface Review {
  test_id: string;
  comment: string;
  updated_at?: string;
}

/** Results that were asked for while the modules were loading (early.js). */
declare var agentvEarly: { path: string; response: Promise<Response> } | undefined;
