/// Vectors in NumPy arrays: a file of inputs, (count, numbers), and a file of labels or of targets for each part.
public struct VectorSource: Sendable, Equatable {
    /// The files of a part.
    public struct Files: Sendable, Hashable {
        /// Name of the inputs.
        public let inputs: String
        /// Name of the labels, (count), or of the targets, (count) or (count, outputs).
        public let targets: String

        /// Takes the names.
        public init(inputs: String, targets: String) {
            self.inputs = inputs
            self.targets = targets
        }
    }

    /// What the headers of both parts say.
    public struct Layout: Sendable, Equatable {
        /// Rows of the training files.
        public let rows: Int
        /// Rows of the test files.
        public let testRows: Int
        /// Numbers of a vector.
        public let inputs: Int
        /// Numbers of a target; 1 for labels.
        public let targets: Int

        /// Bytes of memory that the data take at most; while they are read one part is held twice.
        public var memoryBytes: Int {
            let all = TableLayout.memoryBytes(rows: rows + testRows, columns: inputs, targets: targets)
            let part = Table.bytes(rows: max(rows, testRows), columns: inputs, targets: targets)
            return all.addingReportingOverflow(part).overflow ? .max : all + part
        }
    }

    /// The training files.
    public let train: Files
    /// The test files.
    public let test: Files
    /// Whether targets are labels or numbers.
    public let kind: TargetKind

    /// Takes what a run file says.
    public init(train: Files, test: Files, kind: TargetKind) {
        self.train = train
        self.test = test
        self.kind = kind
    }

    private static let reader = ArrayReader(.npy)

    /// What the headers say; values are not read.
    ///
    /// - Throws: `DatasetError` for what reading would refuse by these.
    public func layout(in folder: DataFolder, holdOut: HoldOut) throws -> Layout {
        let training = try part(train, folder), tested = try part(test, folder)
        func check(_ what: String, _ expected: Int, _ found: Int, _ file: String) throws {
            guard expected == found else {
                throw DatasetError.otherShape(
                    file: file, expected: "\(expected) \(what), as the training part has", found: "\(found)",
                    remedy: "use files of one shape")
            }
        }
        try check("numbers in a row", training.inputs, tested.inputs, test.inputs)
        try check("targets in a row", training.targets, tested.targets, test.targets)
        try Split.check(count: training.rows, validation: holdOut.validation, sampler: holdOut.sampler)
        return Layout(
            rows: training.rows, testRows: tested.rows, inputs: training.inputs, targets: training.targets)
    }

    private func part(_ files: Files, _ folder: DataFolder) throws -> (rows: Int, inputs: Int, targets: Int) {
        let (_, _, rows, inputs) = try open(folder.find(files.inputs), "vectors")
        guard rows <= Split.mostExamples, inputs <= TableEncoding.mostInputs else {
            throw DatasetError.table(
                file: files.inputs, line: nil,
                rows > Split.mostExamples
                    ? .tooMany(what: "rows", found: rows, most: Split.mostExamples)
                    : .tooMany(what: "inputs", found: inputs, most: TableEncoding.mostInputs))
        }
        let file = try folder.find(files.targets)
        let (count, targets): (Int, Int)
        switch kind {
        case .classes: (count, targets) = (try Self.reader.labelCount(file), 1)
        case .numbers: (_, _, count, targets) = try open(file, "targets")
        }
        guard count == rows else {
            throw DatasetError.countMismatch(
                images: files.inputs, imageCount: rows, labels: files.targets, labelCount: count)
        }
        return (rows, inputs, targets)
    }

    private func open(
        _ file: DataFile, _ what: String
    ) throws -> (stream: ByteStream, type: ElementType, count: Int, width: Int) {
        let stream = try ByteStream(file)
        let header = try ArrayFormat.npy.header(stream, of: file, rank: 2)
        let (count, width) = try header.rowLayout(what, file: file.path)
        try stream.checkClaim(header.count(file: file.path) * header.type.width, header.claim)
        return (stream, header.type, count, width)
    }

    /// Reads both parts.
    ///
    /// - Parameters:
    ///   - layout: What `layout` said.
    ///   - seed: The seed of the splits.
    /// - Throws: `DatasetError`.
    public func load(in folder: DataFolder, layout: Layout, holdOut: HoldOut, seed: UInt64) throws -> TableDataset {
        var table = Table(
            columns: (0..<layout.inputs).map { Table.Column(name: "c\($0 + 1)", isCategorical: false) },
            targetNames: kind == .classes ? ["label"] : (0..<layout.targets).map { "t\($0 + 1)" }, kind: kind)
        try table.reserve(rows: layout.rows + layout.testRows, file: train.inputs)
        var codes: [Int32: Int32] = [:]
        for files in [train, test] {
            let inputs = try folder.find(files.inputs)
            let (values, count) = try floats(inputs, "vectors")
            table.values.append(contentsOf: values)
            table.count += count
            let file = try folder.find(files.targets)
            switch kind {
            case .numbers: table.targets.append(contentsOf: try floats(file, "targets").values)
            case .classes:
                for label in try Self.reader.readLabels(file, classes: nil) {
                    let code = codes[label] ?? Int32(codes.count)
                    if code == codes.count {
                        codes[label] = code
                        table.classes.append(.init(text: "\(label)", file: file.path, line: nil))
                    }
                    table.labels.append(code)
                }
            }
        }
        return try TableDataset(
            table,
            parts: TestPart.files([]).rows(training: layout.rows, of: table.count, seed: seed, file: train.inputs),
            holdOut: holdOut, seed: seed, file: train.inputs)
    }

    private func floats(_ file: DataFile, _ what: String) throws -> (values: [Float], count: Int) {
        let (stream, type, count, width) = try open(file, what)
        let values = try NumberReader(stream, type).floats(count: count * width)
        try stream.expectEnd()
        guard let place = values.firstIndex(where: { !(abs($0) <= Float(Table.mostMagnitude)) }) else {
            return (values, count)
        }
        let column = "\(place % width + 1)", value = "\(values[place])"
        throw DatasetError.table(
            file: file.path, line: place / width + 1,
            values[place].isFinite
                ? .tooLarge(column: column, value: value) : .notFinite(column: column, value: value))
    }
}
