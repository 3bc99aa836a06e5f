// EvalRunner
