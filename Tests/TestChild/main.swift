// A child that misbehaves on request; the supervisor's tests start it. Every process of it ends by
// itself after `--life` seconds, so that a failed test leaves nothing behind for long.
//
//   TestChild tree OPTIONS            a tree that is hard to stop, see `Options`
//   TestChild role NAME OPTIONS       one process of such a tree (started by it)
//   TestChild say CODE                prints what it was given, exits with CODE
//   TestChild supervise …             a supervisor of its own, see Supervise.swift
//   TestChild run GRACE_MS …          a run below a holder, see Supervise.swift
//   TestChild leaks COUNT             runs children of every kind, tells what is left of them

import Core
import Glibc

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "tree": Tree(Options(words.dropFirst())).run()
case "role": Role(Options(words.dropFirst(2)), name: words[1]).run()
case "say": say(words.dropFirst().first.flatMap { Int32($0) } ?? 0)
case "supervise": await supervise(Array(words.dropFirst()))
case "run": await runBelowHolder(Array(words.dropFirst()))
case "leaks": await leaks(words.dropFirst().first.flatMap { Int($0) } ?? 10)
default:
  StandardStream.error.write("usage: TestChild tree|role|say|supervise|run …\n")
  exit(64)
}
