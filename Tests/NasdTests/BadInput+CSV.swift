import Foundation
import TestSupport

/// What can be wrong with a table of a user's own, and with what is asked of it.
extension BadInput {
    static let csv: [BadInput] = [
        rows("rows of unlike length", ["DIR/rows.csv:11: expected 3 fields, found 2", "check the delimiter"]) {
            $0[10] = "1,2"
        },
        rows("a quote without end", ["DIR/rows.csv:13: a quoted field begins here and never ends", "close it"]) {
            $0[12] = "1,\"2,a"
        },
        rows(
            "a target that is not there", ["rows.csv:1: there is no column 'kind', which data.target names", "'class'"]
        ) {
            $0[0] = "x,y,class"
        },
        rows(
            "a text in a column of numbers",
            ["rows.csv:21: expected a number in column 'x', found 'many'", "categorical"]
        ) {
            $0[20] = "many,2,a"
        },
        rows("a row without its target", ["rows.csv:31: the target 'kind' is missing", "take the row out"]) {
            $0[30] = "1,2,"
        },
        rows("one class", ["all training rows are of class 'a' by column 'kind'", "check data.target"]) { lines in
            lines = lines.map { $0.replacing(",b", with: ",a") }
        },
        rows("more classes than the space", ["the space expects 2, the data has 3", "choose another space"]) {
            $0[30] = "1,2,c"
        },
        rows("fewer rows than the hold-out", ["validation 10", "of 8 examples", "lower the sizes held out"]) {
            $0 = Array($0.prefix(19))
        },
        rows("two columns of one name", ["rows.csv:1: two columns are called 'x'", "give each a name of its own"]) {
            $0[0] = "x,x,kind"
        },
        rows("a header and no rows", ["rows.csv: holds a header and no rows", "header: false"]) { $0 = [$0[0]] },
        rows("a table without a header", ["there is no column 'kind'", "'c1', 'c2', 'c3'"], set: "data.header=false"),
        rows("a test part of all rows", ["data.test asks for the last 60 of 60 rows"], set: "data.test={last: 60}"),
        rows(
            "a metric of another task",
            [
                "search.objectives[0].metric", "the run has no metric 'rmse'",
                "there are params, multiplyAdds, activationBytes, accuracy, loss",
            ],
            set: "search.objectives=[{metric: rmse}]"),
        rows(
            "a task that the space is not for",
            ["task.kind: the space reads examples of 2 numbers in 2 classes", "write classification"],
            set: "task={kind: regression}", "search.objectives=[{metric: rmse}]"),
    ]

    /// - Parameter change: What is wrong with 60 good rows below a header.
    private static func rows(
        _ name: String, _ message: [String], set: String...,
        change: @escaping @Sendable (inout [String]) -> Void = { _ in }
    ) -> BadInput {
        BadInput(
            name: name, further: set.flatMap { ["--set", $0] }, code: 2, message: message,
            prepare: { run in
                var lines = ["x,y,kind"] + (0..<60).map { "\($0 % 7),\($0 % 5),\($0 % 2 == 0 ? "a" : "b")" }
                change(&lines)
                try run.write(lines.joined(separator: "\n") + "\n", to: "rows.csv")
                try run.write(
                    """
                    apiVersion: nasd/v1
                    kind: SearchSpace
                    name: rows
                    family: mlp
                    input: {features: 2, classes: 2}
                    choices: {width: [4, 8], depth: [1, 2], expansion: [1, 2]}

                    """, to: "rows.yaml")
                try run.write(
                    """
                    apiVersion: nasd/v1
                    kind: Run
                    name: rows
                    space: rows
                    data:
                      format: csv
                      directory: \(run.folder)
                      train: {files: [rows.csv]}
                      test: {last: 10}
                      target: kind
                      holdOut: {validation: 10}
                    train: {steps: 5, batch: 8, shards: 2, sampler: {kind: uniform}}
                    search:
                      algorithm: random
                      objectives: [{metric: accuracy}, {metric: multiplyAdds}]
                      population: 2
                      evaluations: 4
                      samples: 10

                    """, to: "run.yaml")
            })
    }
}
