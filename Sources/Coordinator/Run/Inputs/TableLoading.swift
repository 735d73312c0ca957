internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Training

extension CSVSettings: LoadableFormat {
    private func source(_ request: DataRequest) -> TableSource {
        let test: TestPart =
            switch test {
            case .files(let files): .files(files)
            case .last(let count): .last(count)
            case .share(let share): .share(share)
            }
        return TableSource(
            train: train, test: test,
            columns: .init(
                target: target, kind: request.signature.targetKind, hasHeader: header,
                delimiter: delimiter?.byte, categorical: categorical, missing: missing,
                missingNumbers: missingNumbers))
    }

    func survey(_ request: DataRequest) throws -> any DataSurvey { try tableSurvey(request) }

    private func tableSurvey(_ request: DataRequest) throws -> TableSurvey {
        let source = source(request)
        let layout = try source.layout(in: request.folder, holdOut: request.holdOut)
        // Every column has one input at least; one of numbers two at most, and one of texts any number.
        let inputs = layout.columns.count - 1, expected = request.signature.inputCount
        let hasTexts = categorical.contains { $0 != target }
        let most = hasTexts ? Int.max : missing.isEmpty ? inputs : 2 * inputs
        guard (inputs...most).contains(expected) else {
            throw TrainingError.dataMismatch(
                what: "number of inputs in \(train.first ?? "table")", expected: "\(expected)",
                found: most == .max
                    ? "\(inputs) or more"
                    : most == inputs
                        ? "\(inputs) columns of numbers"
                        : "\(inputs) columns of numbers, which are \(inputs) to \(most) inputs: one each, and one more where a column misses values"
            )
        }
        let delimiter = delimiter == nil ? ", delimiter \(layout.delimiter.text) by the first row" : ""
        return TableSurvey(
            memoryBytes: layout.memoryBytes,
            remark: "data: \(layout.rows + layout.testRows) rows of \(layout.columns.count) columns" + delimiter
        ) {
            try source.load(
                in: request.folder, layout: layout, holdOut: request.holdOut, seed: request.seed,
                keepsDoubles: request.keepsDoubles)
        }
    }

    func surveyTest(_ request: DataRequest) throws -> any TestSurvey {
        if let encoding = request.encoding {
            let source = source(request)
            if let layout = try source.testLayout(in: request.folder, by: encoding) {
                return TestTableSurvey(memoryBytes: layout.memoryBytes, goal: encoding.goal) {
                    try source.loadTest(in: request.folder, layout: layout, by: encoding)
                }
            }
        }
        return DerivedTestSurvey(survey: try tableSurvey(request), name: name, request: request)
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

extension VectorSettings: LoadableFormat {
    private func source(_ request: DataRequest) throws -> VectorSource {
        guard isLabelled == (request.signature.targetKind == .classes) else {
            throw TrainingError.dataMismatch(
                what: "answers", expected: "\(request.signature)",
                found: isLabelled ? "labels, which are classes" : "targets, which are numbers")
        }
        return VectorSource(
            train: .init(inputs: train.inputs, targets: train.targets),
            test: .init(inputs: test.inputs, targets: test.targets), kind: request.signature.targetKind)
    }

    func survey(_ request: DataRequest) throws -> any DataSurvey { try tableSurvey(request) }

    private func tableSurvey(_ request: DataRequest) throws -> TableSurvey {
        let source = try source(request)
        let layout = try source.layout(in: request.folder, holdOut: request.holdOut)
        guard layout.inputs == request.signature.inputCount else {
            throw TrainingError.dataMismatch(
                what: "numbers of a vector in \(train.inputs)", expected: "\(request.signature.inputCount)",
                found: "\(layout.inputs)")
        }
        return TableSurvey(memoryBytes: layout.memoryBytes, remark: nil) {
            try source.load(
                in: request.folder, layout: layout, holdOut: request.holdOut, seed: request.seed,
                keepsDoubles: request.keepsDoubles)
        }
    }

    func surveyTest(_ request: DataRequest) throws -> any TestSurvey {
        guard let encoding = request.encoding else {
            return DerivedTestSurvey(survey: try tableSurvey(request), name: name, request: request)
        }
        let source = try source(request)
        let layout = try source.testLayout(in: request.folder, by: encoding)
        return TestTableSurvey(memoryBytes: layout.memoryBytes, goal: encoding.goal) {
            try source.loadTest(in: request.folder, layout: layout, by: encoding)
        }
    }
}

extension ExampleSignature {
    /// What targets are.
    fileprivate var targetKind: TargetKind { if case .values = output { .numbers } else { .classes } }
}

private struct TableSurvey: DataSurvey {
    let memoryBytes: Int
    let remark: String?
    let read: () throws -> TableDataset

    func load() throws -> any Dataset { try read() }
}

/// Test rows that are encoded as a network file says.
private struct TestTableSurvey: TestSurvey {
    let memoryBytes: Int
    let goal: DataGoal
    let read: () throws -> TestTable

    func load(_ normalization: Normalization) throws -> TestData {
        let table = try read()
        return TestData(examples: table.examples, goal: goal, warnings: table.warnings)
    }
}

/// Test rows that take the training rows: where they are some of these, and where a network file of an earlier version does not
/// say how rows become inputs.
private struct DerivedTestSurvey: TestSurvey {
    let survey: TableSurvey
    let name: String
    let request: DataRequest

    var memoryBytes: Int { survey.memoryBytes }

    /// Whether the seed of the hold-out is known, where there is one.
    private var hasSeed: Bool {
        request.keepsDoubles || request.settings.seed != nil
            || request.holdOut.validation + request.holdOut.sampler == 0
    }

    func load(_ normalization: Normalization) throws -> TestData {
        let data = try survey.read()
        guard request.encoding.map({ $0 == data.encoding }) ?? (data.normalization.rounded == normalization) else {
            throw TrainingError.dataMismatch(
                what: "encoding of the \(name) data", expected: "that of the data the network was trained on",
                found: "another; use the same files, and the same hold-out"
                    + (hasSeed ? "" : "; earlier versions did not keep the seed that drew it in files of networks"))
        }
        return TestData(examples: data.testExamples, goal: data.goal, warnings: data.reviewTest())
    }
}
