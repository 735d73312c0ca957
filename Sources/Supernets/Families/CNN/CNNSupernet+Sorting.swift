internal import SearchSpaces
public import Tensors

extension CNNSupernet: SortableSupernet {
    /// Sorts the channels between the layers of blocks; see ``SortableSupernet``. Those between blocks stay, and the units of
    /// squeeze and excite.
    ///
    /// Source: Cai et al., "Once-for-All" (ICLR 2020), section 3.2, which sorts the same by the layer that reads them.
    public func sortChannels(of values: FloatBuffer, with others: [FloatBuffer], on backend: any Backend) {
        for number in parameters.blocks.keys.sorted() {
            guard let block = parameters.blocks[number], let expand = block.expand else { continue }
            var channels = SortedChannels(read: block.project.weight)
            channels.add(expand)
            channels.addColumns(block.depthwise.weight)
            channels.addNorm(of: block.depthwise)
            if let squeeze = block.squeeze { channels.addColumns(squeeze.weight) }
            if let excite = block.excite {
                channels.addRows(excite.weight)
                channels.addColumns(excite.bias)
            }
            channels.sort(values, with: others, on: backend)
        }
        for number in parameters.residual.keys.sorted() {
            guard let block = parameters.residual[number] else { continue }
            if let reduce = block.reduce {
                var channels = SortedChannels(read: block.spatial.weight)
                channels.add(reduce)
                channels.sort(values, with: others, on: backend)
            }
            var channels = SortedChannels(read: block.project.weight)
            channels.add(block.spatial)
            channels.sort(values, with: others, on: backend)
        }
    }
}

/// Channels between two layers, and every parameter that has them.
private struct SortedChannels {
    /// The weight that reads them: (out, in * taps).
    private let reader: ParameterLayout.Entry
    private let count: Int
    private var rows: [ParameterLayout.Entry] = []
    /// Each with the columns that a channel has.
    private var columns: [(entry: ParameterLayout.Entry, width: Int)]

    init(read reader: ParameterLayout.Entry) {
        self.reader = reader
        count = reader.shape[1]
        columns = [(reader, reader.columns / reader.shape[1])]
    }

    mutating func addRows(_ entry: ParameterLayout.Entry) { rows.append(entry) }

    mutating func addColumns(_ entry: ParameterLayout.Entry) { columns.append((entry, 1)) }

    mutating func addNorm(of layer: NormalizedLayer) {
        addColumns(layer.gain)
        addColumns(layer.offset)
    }

    /// Adds the layer that writes them.
    mutating func add(_ layer: NormalizedLayer) {
        addRows(layer.weight)
        addNorm(of: layer)
    }

    func sort(_ values: FloatBuffer, with others: [FloatBuffer], on backend: any Backend) {
        let weights = backend.download(reader.view(of: values)), taps = reader.columns / count
        var sums = [Double](repeating: 0, count: count)
        for (place, weight) in weights.enumerated() {
            sums[place % reader.columns / taps] += Double(abs(weight))
        }
        // Equal ones stay in their order.
        let order = sums.indices.sorted { (sums[$1], $0) < (sums[$0], $1) }
        for buffer in [values] + others {
            for entry in rows { move(entry, of: buffer, on: backend) { order[$0] * entry.columns + $1 } }
            for (entry, width) in columns {
                move(entry, of: buffer, on: backend) {
                    $0 * entry.columns + order[$1 / width] * width + $1 % width
                }
            }
        }
    }

    /// Writes each value from the place that it comes from.
    private func move(
        _ entry: ParameterLayout.Entry, of buffer: FloatBuffer, on backend: any Backend,
        from source: (_ row: Int, _ column: Int) -> Int
    ) {
        let view = entry.view(of: buffer), old = backend.download(view)
        let moved = (0..<entry.rows).flatMap { row in (0..<entry.columns).map { old[source(row, $0)] } }
        backend.upload(moved, to: view)
    }
}
