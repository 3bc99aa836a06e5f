// EvalFiles
