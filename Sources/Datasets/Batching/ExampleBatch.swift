/// Host memory for some examples, which data sets fill and whoever computes copies from.
public final class ExampleBatch {
    /// What each example is.
    public let shape: ExampleShape
    /// The most examples it has room for.
    public let capacity: Int
    /// How many examples were filled in last.
    public private(set) var count = 0

    let inputRoom: UnsafeMutableBufferPointer<Float>
    let labelRoom: UnsafeMutableBufferPointer<Int32>
    let targetRoom: UnsafeMutableBufferPointer<Float>
    private let otherRoom: UnsafeMutableBufferPointer<Int32>
    private var ownShare: Float?

    /// Makes room for examples, at least one.
    public init(capacity: Int, shape: ExampleShape) {
        precondition(capacity > 0 && shape.inputs > 0, "a batch has examples")
        self.capacity = capacity
        self.shape = shape
        inputRoom = .allocate(capacity: capacity * shape.inputs)
        inputRoom.initialize(repeating: 0)
        labelRoom = .allocate(capacity: capacity * shape.labels)
        labelRoom.initialize(repeating: 0)
        targetRoom = .allocate(capacity: capacity * shape.targets)
        targetRoom.initialize(repeating: 0)
        otherRoom = .allocate(capacity: capacity * shape.labels)
        otherRoom.initialize(repeating: 0)
    }

    deinit {
        inputRoom.deallocate()
        labelRoom.deallocate()
        targetRoom.deallocate()
        otherRoom.deallocate()
    }

    /// Normalised inputs of the examples filled in last, shape (count, inputs); valid while the batch lives.
    public var inputs: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: inputRoom[..<(count * shape.inputs)])
    }
    /// Whole-number targets, shape (count, labels); valid while the batch lives.
    public var labels: UnsafeBufferPointer<Int32> {
        UnsafeBufferPointer(rebasing: labelRoom[..<(count * shape.labels)])
    }
    /// Float targets, shape (count, targets); valid while the batch lives.
    public var targets: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: targetRoom[..<(count * shape.targets)])
    }

    /// Where examples were mixed with one another: the labels of what was mixed in, shape (count, labels), and the share of an
    /// example's own label; nil where they were not. Valid while the batch lives.
    public var mixed: (labels: UnsafeBufferPointer<Int32>, share: Float)? {
        ownShare.map { (UnsafeBufferPointer(rebasing: otherRoom[..<(count * shape.labels)]), $0) }
    }

    /// Notes that the examples were mixed in pairs, the first with the last and so on.
    func mix(share: Float) {
        for example in 0..<count {
            for label in 0..<shape.labels {
                otherRoom[example * shape.labels + label] = labelRoom[(count - 1 - example) * shape.labels + label]
            }
        }
        ownShare = share
    }

    /// Begins to fill in examples of a set: all places are checked before anything is written.
    ///
    /// - Throws: `DatasetError.invalidSetting`.
    func begin(_ indices: ArraySlice<Int32>, of examples: some Examples) throws(DatasetError) {
        guard examples.shape == shape, indices.count <= capacity else {
            throw .invalidSetting(
                name: "room for a batch", value: "\(capacity) examples of \(Self.text(shape))",
                allowed: "\(indices.count) examples or more of \(Self.text(examples.shape))")
        }
        try IndexCheck.check(indices, count: examples.count)
        count = indices.count
        ownShare = nil
    }

    private static func text(_ shape: ExampleShape) -> String {
        "\(shape.inputs) inputs, \(shape.labels) labels and \(shape.targets) targets"
    }
}
