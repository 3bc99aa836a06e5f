// The operations over all runs, on the project's settings, and on the registry.

import Core

extension APIDescription {
  private static let counts: KeyValuePairs<String, Schema> = [
    "name": .string, "run_count": .integer, "eval_count": .integer, "passed_count": .integer,
    "pass_rate": .number, "last_run": .string.orNull,
  ]
  private static let numbers = Schema.object([
    "run_count": .integer, "pass_rate": .number, "last_run": .string.orNull,
  ])
  private static let reviews = Schema.object(["reviews": .array(.named("Review"))])

  static let overviewOperations: [Operation] = [
    Operation(
      method: .get, path: "/api/experiments", summary: "All experiments.",
      query: list(StudioServer.experimentFields),
      answer: page(
        "experiments", Schema.object(counts).and(.object(["target_count": .integer]))),
      errors: [400]),
    Operation(
      method: .get, path: "/api/targets", summary: "All targets that ran.",
      query: list(StudioServer.targetFields),
      answer: page(
        "targets", Schema.object(counts).and(.object(["experiment_count": .integer]))),
      errors: [400]),
    Operation(
      method: .get, path: "/api/compare", summary: "Experiments, targets and runs side by side.",
      query: [
        .init("tags", .string, "Only runs with one of these tags, separated by commas."),
        .init("baseline", .string, "Target over which the gain is told."),
      ],
      answer: .object([
        "experiments": .array(.string), "targets": .array(.string),
        "cells": .array(
          Schema.named("Tested").and(
            .object(["delta?": .number, "normalized_gain?": .number.orNull]))),
        "runs": .array(
          Schema.named("Tested").and(
            .object([
              "run_id": .string, "started_at": .string, "tags?": .array(.string),
              "source": .string,
            ]))),
      ]), errors: [400]),
    Operation(
      method: .get, path: "/api/index", summary: "The runs in short.", isScoped: false,
      answer: .object([
        "entries": .array(
          .object([
            "run_filename": .string, "display_name": .string, "test_count": .integer,
            "pass_rate": .number, "avg_score": .number.orNull, "total_cost_usd": .number,
            "timestamp": .string,
          ]))
      ])),
  ]

  static let projectOperations: [Operation] = [
    Operation(
      method: .get, path: "/api/config", summary: "The settings.",
      answer: .object([
        "threshold": .range("number", 0, 1), "read_only": .boolean, "benchmark_name": .string,
        "multi_benchmark_dashboard": .boolean, "requires_token": .boolean,
      ])),
    Operation(
      method: .post, path: "/api/config", summary: "Changes the settings.",
      body: Schema(
        json: [
          "type": "object", "properties": ["threshold": ["type": ["number", "null"]]],
          "additionalProperties": false,
        ]), answer: .object(["threshold": .range("number", 0, 1)]), errors: [400]),
    Operation(
      method: .get, path: "/api/feedback", summary: "What people wrote about tests.",
      answer: reviews),
    Operation(
      method: .post, path: "/api/feedback", summary: "Adds or replaces feedback.",
      body: .object([
        "reviews": .array(.object(["test_id": .string, "comment": .string]))
      ]), answer: reviews, errors: [400]),
    Operation(
      method: .get, path: "/api/remote/status", summary: "The results repository.",
      answer: .named("Remote")),
    Operation(
      method: .post, path: "/api/remote/sync", summary: "Brings its clone up to date.",
      answer: .named("Remote")),
    Operation(
      method: .get, path: "/api/events", summary: "The events of the project.",
      query: [
        .init("runs", Schema(json: ["type": "integer", "minimum": 0]), "Runs told at first.")
      ],
      answer: .string, mediaType: "text/event-stream"),
    Operation(
      method: .get, path: "/api/benchmarks", summary: "The registered projects.", isScoped: false,
      answer: .object([
        "benchmarks": .array(
          Schema.named("Benchmark").and(numbers).and(
            .object([
              "live_count": .integer, "available": .boolean, "is_home": .boolean,
            ])))
      ])),
    Operation(
      method: .post, path: "/api/benchmarks", summary: "Registers a project.", isScoped: false,
      body: .object(["path": .string]), status: 201, answer: .named("Benchmark"), errors: [400]),
    Operation(
      method: .delete, path: "/api/benchmarks/:id", summary: "Takes a project out.",
      isScoped: false, answer: .object(["ok": .boolean]), errors: [404]),
    Operation(
      method: .get, path: "/api/benchmarks/:id/summary", summary: "The numbers of a project.",
      isScoped: false,
      answer: Schema.object(["id": .string, "name": .string, "path": .string]).and(numbers),
      errors: [404]),
    Operation(
      method: .get, path: "/api/benchmarks/all-runs", summary: "The runs of all projects.",
      isScoped: false, query: list(StudioServer.runFields),
      answer: page(
        "runs",
        Schema.named("Run").and(.object(["benchmark_id": .string, "benchmark_name": .string]))),
      errors: [400]),
  ]

  static let systemOperations: [Operation] = [
    Operation(
      method: .get, path: "/healthz", summary: "Whether the server lives.", isScoped: false,
      answer: .object(["status": .string])),
    Operation(
      method: .get, path: "/readyz", summary: "Whether the server takes work.", isScoped: false,
      answer: .object(["status": .string]), errors: [503]),
    Operation(
      method: .get, path: "/metrics", summary: "Numbers for Prometheus.", isScoped: false,
      answer: .string, mediaType: "text/plain"),
    Operation(
      method: .get, path: "/api/openapi.json", summary: "This description.", isScoped: false,
      answer: .object(["openapi": .string, "paths": .object([:])])),
    Operation(
      method: .get, path: "/login", summary: "The form for the token.", isScoped: false,
      answer: .string, mediaType: "text/html"),
    Operation(
      method: .post, path: "/login", summary: "Takes the token and sets the cookie.",
      isScoped: false, status: 303, errors: [401, 429]),
    Operation(
      method: .post, path: "/logout", summary: "Ends the session and takes the cookie away.",
      isScoped: false, status: 303),
    Operation(
      method: .get, path: "/assets/*path", summary: "A file of the pages.", isScoped: false,
      answer: .any, mediaType: "*/*", errors: [404]),
  ]
}
