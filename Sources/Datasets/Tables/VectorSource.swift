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

        /// Numbers of a row that are kept with 64 bits, where that is known.
        var kept = 0

        /// Bytes of memory that the data take at most.
        public var memoryBytes: Int {
            TableLayout.memoryBytes(rows: rows + testRows, columns: inputs, targets: targets, kept: kept)
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
        try holdOut.checkStrata(of: kind)
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
    ///   - keepsDoubles: Whether numbers that 32 bits do not tell apart are kept with 64, as earlier versions did not.
    /// - Throws: `DatasetError`.
    public func load(
        in folder: DataFolder, layout: Layout, holdOut: HoldOut, seed: UInt64, keepsDoubles: Bool = true
    ) throws -> TableDataset {
        try TableDataset(holdOut: holdOut, seed: seed, file: train.inputs, keepsDoubles: keepsDoubles) {
            try TestPart.files([]).rows(training: layout.rows, of: $0.count, seed: seed, file: train.inputs)
        } read: {
            try table([train, test], layout, rows: layout.rows + layout.testRows, in: folder, doubles: $0)
        }
    }

    /// What the headers of the test files say, which are encoded as a network file says.
    ///
    /// - Throws: `DatasetError` for what reading would refuse by these, and for vectors that are not the encoding's.
    public func testLayout(in folder: DataFolder, by encoding: TableEncoding) throws -> Layout {
        let found = try part(test, folder)
        let targets = kind == .classes ? 1 : encoding.targetScalings.count
        guard encoding.columns.allSatisfy({ $0.scaling != nil }), (encoding.classes != nil) == (kind == .classes) else {
            throw TableEncoding.contradiction(allowed: "the numbers of its data")
        }
        for (what, file, expected, found) in [
            ("numbers", test.inputs, encoding.columns.count, found.inputs),
            ("targets", test.targets, targets, found.targets),
        ] where expected != found {
            throw DatasetError.otherShape(
                file: file, expected: "\(expected) \(what) in a row, as the network has", found: "\(found)",
                remedy: "use files of one shape")
        }
        return Layout(
            rows: 0, testRows: found.rows, inputs: found.inputs, targets: found.targets, kept: encoding.doubles.count)
    }

    /// Reads the test part, encoded as a network file says.
    ///
    /// - Parameter layout: What `testLayout` said.
    /// - Throws: `DatasetError`, among others for a class that the network does not know.
    public func loadTest(in folder: DataFolder, layout: Layout, by encoding: TableEncoding) throws -> TestTable {
        try TestTable(
            table([test], layout, rows: layout.testRows, in: folder, doubles: encoding.doubles), encoding)
    }

    private func table(
        _ parts: [Files], _ layout: Layout, rows: Int, in folder: DataFolder, doubles: Set<Int>
    ) throws -> Table {
        var table = Table(
            columns: (0..<layout.inputs).map { Table.Column(name: "c\($0 + 1)", isCategorical: false) },
            targetNames: kind == .classes ? ["label"] : (0..<layout.targets).map { "t\($0 + 1)" }, kind: kind,
            doubles: doubles)
        try table.reserve(rows: rows, file: parts[0].inputs)
        var codes: [Int32: Int32] = [:]
        for files in parts {
            table.count += try numbers(folder.find(files.inputs), "vectors") { value, column in
                table.values.append(table.take(value, at: column))
            }
            let file = try folder.find(files.targets)
            switch kind {
            case .numbers:
                _ = try numbers(file, "targets") { value, column in
                    table.targets.append(table.take(value, at: layout.inputs + column))
                }
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
        return table
    }

    /// Hands the numbers of a file to `body` with their columns.
    ///
    /// - Returns: How many rows there are.
    private func numbers(_ file: DataFile, _ what: String, _ body: (Double, _ column: Int) -> Void) throws -> Int {
        let (stream, type, count, width) = try open(file, what)
        // As 32-bit floats have it.
        let most = Double(Float(Table.mostMagnitude))
        try NumberReader(stream, type).forEachNumber(count: count * width) { place, value in
            guard abs(value) <= most else {
                let column = "\(place % width + 1)"
                throw DatasetError.table(
                    file: file.path, line: place / width + 1,
                    value.isFinite
                        ? .tooLarge(column: column, value: "\(value)") : .notFinite(column: column, value: "\(value)"))
            }
            body(value, place % width)
        }
        try stream.expectEnd()
        return count
    }
}
