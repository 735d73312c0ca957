import Foundation
import TestSupport
import Testing

/// One thing that can be wrong before a run starts; DIR stands for the folder of the case.
struct BadInput: Sendable, CustomTestStringConvertible {
    let name: String
    var file = "DIR/run.yaml"
    var output = "DIR/out"
    var further: [String] = []
    let code: Int32
    /// What the message must hold: what is wrong, where, and how to mend it.
    let message: [String]
    var prepare: @Sendable (SmallRun) throws -> Void = { _ in }

    var testDescription: String { name }
    var arguments: [String] { ["run", file, "--output", output] + further }

    static let all: [BadInput] = files + data + csv + spaces + settings + outputs + tables

    private static let files = [
        BadInput(
            name: "missing run file", file: "DIR/none.yaml", code: 3,
            message: ["there is no file DIR/none.yaml", "check the path"]),
        BadInput(
            name: "a folder as run file", file: "DIR", code: 2, message: ["DIR: expected a text file, found a folder"]),
        BadInput(
            name: "run file that is no text", code: 2, message: ["DIR/run.yaml: expected text in UTF-8"],
            prepare: { try Files.write([0xFF, 0xFE, 0x00], $0.folder + "/run.yaml") }),
        BadInput(
            name: "malformed YAML", code: 2, message: ["DIR/run.yaml:1:", "malformed YAML"],
            prepare: { try $0.write("search: [}\n", to: "run.yaml") }),
        BadInput(
            name: "unknown YAML key", code: 2,
            message: ["DIR/run.yaml:6:9: train.stepz", "found 'stepz'", "did you mean 'steps'?"],
            prepare: { try $0.replace("steps", with: "stepz", in: "run.yaml") }),
        BadInput(
            name: "several faults at once", code: 2,
            message: ["DIR/run.yaml:6:", "DIR/run.yaml:7:", "train.steps", "search.population"],
            prepare: {
                try $0.replace("steps: 20", with: "steps: 0", in: "run.yaml")
                try $0.replace("population: 4", with: "population: none", in: "run.yaml")
            }),
    ]

    private static let data = [
        BadInput(
            name: "missing data file", code: 3,
            message: ["data file 'images.idx' not found", "DIR/images.idx", "check the name and the data directory"],
            prepare: { try Self.writeData($0, images: nil) }),
        BadInput(
            name: "empty data file", code: 2,
            message: ["DIR/images.idx: holds no samples", "fetch the file again or name another one"],
            prepare: { try Self.writeData($0, images: []) }),
        BadInput(
            name: "truncated gzip", code: 2, message: ["DIR/images.idx", "gzip", "fetch the file again"],
            prepare: { try Self.writeData($0, images: Array(Files.gzip(Self.images).dropLast(5000))) }),
        BadInput(
            name: "truncated IDX", code: 2, message: ["DIR/images.idx", "expected 313616 bytes, found 313615"],
            prepare: { try Self.writeData($0, images: Array(Self.images.dropLast(1))) }),
        BadInput(
            name: "wrong IDX magic", code: 2,
            message: ["DIR/images.idx: expected magic", "found", "images and labels are not swapped"],
            prepare: { try Self.writeData($0, images: Files.big(0x801) + Self.images.dropFirst(4)) }),
        BadInput(
            name: "fewer labels than images", code: 2,
            message: ["DIR/images.idx holds 400 images", "DIR/labels.idx holds 399 labels", "belong together"],
            prepare: { try Self.writeData($0, labels: Files.idxLabels(count: 399, Array(Self.labels.dropLast()))) }),
        BadInput(
            name: "label out of range", code: 2,
            message: ["DIR/labels.idx: label 10 of sample 399 is outside 0..<10", "correct the labels"],
            prepare: { try Self.writeData($0, labels: Files.idxLabels(count: 400, Self.labels.dropLast() + [10])) }),
        BadInput(
            name: "images of another shape", code: 2,
            message: [
                "image shape in images.idx", "expects 28 x 28 x 1", "27 x 28 x 1", "choose another space or other data",
            ],
            prepare: {
                try Self.writeData($0, images: Files.idxImages(count: 400, height: 27, width: 28, pixels: 400 * 756))
            }),
        BadInput(
            name: "another format under the name of this one", code: 2,
            message: ["DIR/images.idx: expected an IDX file, found an HTML page", "fetch the file itself"],
            prepare: { try Self.writeData($0, images: Array("<!DOCTYPE html><html></html>".utf8)) }),
        BadInput(
            name: "glyphs for another space", code: 2,
            message: ["data.format: the space expects images of 28 x 28 x 1 in 9 classes", "choose another space"],
            prepare: { try $0.replace("classes: 10", with: "classes: 9", in: "small.yaml") }),
        BadInput(
            name: "nothing left to train on", further: ["--set", "data.holdOut.validation=400"], code: 2,
            message: ["DIR/run.yaml:5:", "data.holdOut", "400 held out"]),
    ]

    private static let spaces = [
        BadInput(
            name: "missing space", further: ["--set", "space=none"], code: 3,
            message: ["no search space 'none'", "looked at DIR/none.yaml", "check the name"]),
        BadInput(
            name: "height that is no multiple of patch", code: 2,
            message: ["DIR/small.yaml:5:", "input.height: expected a multiple of patch 5, found '28'"],
            prepare: { try $0.replace("patch: 7", with: "patch: 5", in: "small.yaml") }),
        BadInput(
            name: "embed times mlpRatio that is not whole", code: 2,
            message: [
                "DIR/small.yaml:7:", "choices.mlpRatio: expected embed times mlpRatio to be whole", "16 times 1.3",
            ],
            prepare: { try $0.replace("mlpRatio: [1, 2]", with: "mlpRatio: [1.3]", in: "small.yaml") }),
        BadInput(
            name: "constraint that nothing keeps",
            further: ["--set", "search.constraints=[{metric: params, atMost: 1}]"], code: 2,
            message: ["search.constraints", "params at most 1", "ranges from", "choose a bound within it"]),
    ]

    private static let settings = [
        BadInput(
            name: "--set of an unknown key", further: ["--set", "train.stepz=5"], code: 2,
            message: ["--set train.stepz", "expected one of the keys", "did you mean 'steps'?"]),
        BadInput(
            name: "--set without a value", further: ["--set", "train.steps"], code: 2,
            message: ["expected --set key=value, found 'train.steps'"]),
        BadInput(
            name: "--set out of range", further: ["--set", "train.steps=0"], code: 2,
            message: ["--set train.steps: expected a whole number from 1", "found '0'"]),
        BadInput(
            name: "--workers 0", further: ["--workers", "0"], code: 2, message: ["--workers is from 1 to 1024"]),
        BadInput(
            name: "unknown option", further: ["--worker", "2"], code: 2, message: ["--worker", "--workers"]),
    ]

    private static let outputs = [
        BadInput(
            name: "output below a regular file", output: "DIR/run.yaml/out", code: 1,
            message: ["DIR/run.yaml/out", "Not a directory", "check that"]),
        BadInput(
            name: "output that is a regular file", output: "DIR/run.yaml", code: 1,
            message: ["DIR/run.yaml", "it exists and is not a folder"]),
        BadInput(
            name: "output where nothing can be written", output: "/proc/nasd", code: 1,
            message: ["/proc/nasd", "choose another --output"]),
        BadInput(
            name: "empty output", output: "", code: 2, message: ["--output", "expected a path, found an empty text"]),
    ]

    private static let tables = [
        table(
            "an architecture twice in a table",
            message: ["DIR/data.csv:191: '1-nnn' stands here and in line 2", "take one"],
            table: TableRun.table + "1-nnn,1,1,1\n"),
        table(
            "a table with architectures that stand twice",
            message: ["DIR/data.csv:191: '1-nnn'", "1 further row repeats an entry: 1-nns in lines 3 and 192"],
            table: TableRun.table + "1-nnn,1,1,1\n1-nns,1,1,1\n"),
        table(
            "a name of two architectures",
            message: [
                "DIR/data.csv:2: '111-nnn' is the name of", "size=1;more=11;kind=n,n,n",
                "put a sign between the decisions",
            ], table: "name,top1,ms,valid\n111-nnn,1,1,1\n",
            evaluator: ("{size}-", "{size}{more}-"),
            space: (
                "- {name: size, options: [1, 2, 3]}",
                "- {name: size, options: [1, 11]}\n  - {name: more, options: [1, 11]}"
            )
        ),
        table(
            "a text for a number",
            message: ["DIR/data.csv:2: expected a number in column 'top1', found 'high'", "empty"],
            table: TableRun.table.replacing("1-nnn,60", with: "1-nnn,high")),
        table(
            "a column that is not there",
            message: [
                "DIR/data.csv: there is no column 'top5', which evaluator.metrics.accuracy names; there are 'name'"
            ],
            evaluator: ("top1 / 100", "top5 / 100")),
        table(
            "a template with another decision",
            message: ["evaluator.key.template: the space has no decision 'sizes'", "did you mean 'size'?"],
            evaluator: ("{size}", "{sizes}")),
        table(
            "a template without a decision", message: ["evaluator.key.template: expected every decision", "'kind.2'"],
            evaluator: ("{kind.2}", "")),
        table(
            "a table of other architectures",
            message: ["DIR/data.csv: no architecture of the space is in it", "'1_nnn'", "evaluator.key.template"],
            evaluator: ("{size}-", "{size}_")),
        table(
            "an option that nothing says",
            message: [
                "DIR/data.csv:3: nothing stands in column 'k2', though 'kind.2' counts", "write one of n, s, c, p",
            ],
            table: "s,k0,k1,k2,top1,ms,valid\n1,n,n,n,1,1,1\n1,n,n,,2,2,2\n",
            evaluator: (
                #"{column: name, template: "{size}-{kind.0}{kind.1}{kind.2}"}"#,
                "{columns: {size: s, kind: [k0, k1, k2]}}"
            )),
        table(
            "a column without a number",
            message: [
                "DIR/data.csv: column 'ms', which evaluator.metrics.latencyMilliseconds names, has nothing that is a finite",
                "leave the metric out",
            ], table: "name,top1,ms,valid\n1-nnn,1,,1\n2-nnn,2,NA,2\n"),
        table(
            "files without a row in common",
            message: [
                "DIR/other.csv: none of its rows belongs to one of DIR/data.csv by evaluator.join", "'1-nnn'",
                "'1_nnn'",
            ], other: "name,joules\n1_nnn,5\n",
            evaluator: ("file: data.csv", "file: [data.csv, other.csv], join: name"),
            ("ms}", "ms, joules: {column: joules, goal: minimize}}")),
        table(
            "a column with a sign before it",
            message: ["there is no column '-top1'", "a sign and what it is for stand apart: - top1"],
            evaluator: ("top1 / 100", "-top1 / 100")),
        table(
            "an objective that no table has", further: ["--set", "search.objectives=[{metric: top5}]"],
            message: ["search.objectives[0].metric: expected one of accuracy, latencyMilliseconds", "found 'top5'"]),
        table(
            "an objective whose goal nobody says", further: ["--set", "search.objectives=[{metric: joules}]"],
            message: [
                "search.objectives[0].goal: expected one of maximize, minimize", "better for 'joules': write goal",
            ],
            evaluator: ("ms}", "ms, joules: ms}")),
        table(
            "an objective that the space does not have", further: ["--set", "search.objectives=[{metric: params}]"],
            message: ["the run has no metric 'params'; there are accuracy, latencyMilliseconds"]),
        table(
            "a table without its key", message: ["DIR/run.yaml:", "evaluator.key: expected a mapping, found nothing"],
            evaluator: (#"key: {column: name, template: "{size}-{kind.0}{kind.1}{kind.2}"}, "#, "")),
        table(
            "groups that do not divide", message: ["DIR/sizes.yaml:", "expected groups that divide the count 3"],
            space: ("options: [n, s, c, p]", "options: [n, s, c, p], within: {decision: size, groups: 2}")),
        table(
            "a table and training", further: ["--set", "train.steps=5"],
            message: ["train: expected no training, since the evaluator measures nothing that is trained"]),
        table(
            "a bound that nothing in a table keeps",
            further: ["--set", "search.constraints=[{metric: accuracy, atLeast: 0.99}]"],
            message: ["nothing that was measured has accuracy at least 0.99", "range from 0.57 to 0.95"]),
        BadInput(
            name: "a table of what the space knows itself", further: ["--data", "DIR"], code: 2,
            message: [
                "evaluator.metrics: the space 'small' itself knows multiplyAdds", "add a metric that is measured",
            ],
            prepare: { run in
                let evaluator =
                    "{kind: table, file: data.csv, key: {column: name, template: '{embed}'}, metrics: {multiplyAdds: ms}}"
                let text = TableRun.run(evaluator: evaluator).replacing("space: sizes", with: "space: small")
                    .replacing(
                        "[{metric: accuracy}, {metric: latencyMilliseconds}]", with: "[{metric: multiplyAdds}]")
                try run.write(text, to: "run.yaml")
                try run.write(TableRun.table, to: "data.csv")
            }),
        table(
            "a metric of a space with the name of finalists",
            message: [
                "DIR/sizes.yaml:", "metrics.testRmse: expected the metric itself, found 'testRmse'",
                "below evaluator.test",
            ], space: ("decisions:", "metrics: {testRmse: {goal: minimize}}\ndecisions:")),
        table(
            "an unknown evaluator", message: ["evaluator.kind: expected one of supernet, table"],
            evaluator: ("table", "tabl")),
    ]

    /// A run over a table with something wrong: in its rows, its evaluator or its space.
    private static func table(
        _ name: String, further: [String] = [], message: [String], table: String = TableRun.table, other: String? = nil,
        evaluator: (old: String, new: String)..., space: (old: String, new: String)? = nil
    ) -> BadInput {
        BadInput(name: name, further: ["--data", "DIR"] + further, code: 2, message: message) { run in
            let evaluator = evaluator.reduce(TableRun.evaluator) { $0.replacing($1.old, with: $1.new) }
            if let other { try run.write(other, to: "other.csv") }
            let space = space.map { TableRun.space.replacing($0.old, with: $0.new) } ?? TableRun.space
            try run.write(TableRun.run(evaluator: evaluator), to: "run.yaml")
            try run.write(space, to: "sizes.yaml")
            try run.write(table, to: "data.csv")
        }
    }

    private static let images = Files.idxImages(count: 400, height: 28, width: 28, pixels: 400 * 784)
    private static let labels = (0..<400).map { UInt8($0 % 10) }

    /// Points the run at IDX files of its folder and writes them; nil leaves a file out.
    private static func writeData(
        _ run: SmallRun, images: [UInt8]? = Self.images, labels: [UInt8] = Files.idxLabels(count: 400, Self.labels)
    ) throws {
        let pair = "{images: images.idx, labels: labels.idx}"
        try run.replace(
            SmallRun.data,
            with: "{format: idx, directory: \(run.folder), train: \(pair), test: \(pair), holdOut: {validation: 100}}",
            in: "run.yaml")
        if let images { try Files.write(images, run.folder + "/images.idx") }
        try Files.write(labels, run.folder + "/labels.idx")
    }
}
