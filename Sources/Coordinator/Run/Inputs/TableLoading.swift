internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Training

extension CSVSettings: LoadableFormat, TableFormat {
    func survey(_ request: DataRequest) throws -> any DataSurvey {
        let test: TestPart =
            switch test {
            case .files(let files): .files(files)
            case .last(let count): .last(count)
            case .share(let share): .share(share)
            }
        let source = TableSource(
            train: train, test: test,
            columns: .init(
                target: target, kind: request.signature.targetKind, hasHeader: header,
                delimiter: delimiter?.byte,
                categorical: categorical, missing: missing))
        let layout = try source.layout(in: request.folder, holdOut: request.holdOut)
        // Every column has one input at least.
        let inputs = layout.columns.count - 1, expected = request.signature.inputCount
        guard inputs <= expected else {
            throw TrainingError.dataMismatch(
                what: "number of inputs in \(train.first ?? "table")", expected: "\(expected)",
                found: "\(inputs) or more")
        }
        let delimiter = delimiter == nil ? ", delimiter \(layout.delimiter.text) by the first row" : ""
        return TableSurvey(
            memoryBytes: layout.memoryBytes,
            remark: "data: \(layout.rows + layout.testRows) rows of \(layout.columns.count) columns" + delimiter
        ) {
            try source.load(in: request.folder, layout: layout, holdOut: request.holdOut, seed: request.seed)
        }
    }
}

extension CSVSettings.Delimiter {
    fileprivate var byte: TableDelimiter {
        switch self {
        case .comma: .comma
        case .semicolon: .semicolon
        case .tab: .tab
        case .bar: .bar
        }
    }
}

extension VectorSettings: LoadableFormat, TableFormat {
    func survey(_ request: DataRequest) throws -> any DataSurvey {
        guard isLabelled == (request.signature.targetKind == .classes) else {
            throw TrainingError.dataMismatch(
                what: "answers", expected: "\(request.signature)",
                found: isLabelled ? "labels, which are classes" : "targets, which are numbers")
        }
        let source = VectorSource(
            train: .init(inputs: train.inputs, targets: train.targets),
            test: .init(inputs: test.inputs, targets: test.targets), kind: request.signature.targetKind)
        let layout = try source.layout(in: request.folder, holdOut: request.holdOut)
        guard layout.inputs == request.signature.inputCount else {
            throw TrainingError.dataMismatch(
                what: "numbers of a vector in \(train.inputs)", expected: "\(request.signature.inputCount)",
                found: "\(layout.inputs)")
        }
        return TableSurvey(memoryBytes: layout.memoryBytes, remark: nil) {
            try source.load(in: request.folder, layout: layout, holdOut: request.holdOut, seed: request.seed)
        }
    }
}

extension ExampleSignature {
    /// What targets are.
    fileprivate var targetKind: TargetKind { if case .values = output { .numbers } else { .classes } }
}

/// A format of rows. Encoding the test rows takes what was measured on the training rows, and so all are read.
protocol TableFormat: LoadableFormat {}

extension TableFormat {
    func surveyTest(_ request: DataRequest) throws -> any TestSurvey {
        TableTestSurvey(
            survey: try survey(request), name: name,
            hasSeed: request.settings.seed != nil || request.holdOut.validation + request.holdOut.sampler == 0)
    }
}

private struct TableSurvey: DataSurvey {
    let memoryBytes: Int
    let remark: String?
    let read: () throws -> TableDataset

    func load() throws -> any Dataset { try read() }
}

private struct TableTestSurvey: TestSurvey {
    let survey: any DataSurvey
    let name: String
    /// Whether the seed of the hold-out is known, where there is one.
    let hasSeed: Bool

    var memoryBytes: Int { survey.memoryBytes }

    func load(_ normalization: Normalization) throws -> (examples: any Examples, goal: DataGoal) {
        let data = try survey.load()
        guard data.normalization == normalization else {
            throw TrainingError.dataMismatch(
                what: "encoding of the \(name) data", expected: "that of the data the network was trained on",
                found: "another; use the same files, and the same hold-out"
                    + (hasSeed ? "" : "; earlier versions did not keep the seed that drew it in files of networks"))
        }
        return (data.testExamples, data.goal)
    }
}
