public import SearchSpaces
public import Tensors

/// A part of a network, which has its statistics together with the parts before it.
private enum CNNPart: Hashable {
    /// With the size of the images that it reads: several may leave the same map.
    case stem(CNNStem, CNNMap)
    case block(CNNBlock)
    case head(CNNHead)
}

extension CNNSupernet: CalibratedSupernet {
    /// The parts of a network are the stem, each block, and the head as far as the means.
    public func normPlan(of genomes: [Genome]) -> NormPlan {
        let parts = genomes.map { genome in
            let network = network(of: genome)
            let blocks = network.blocks.map { CNNPart.block($0) }
            return [.stem(network.stem, network.input)] + blocks + [.head(network.head)]
        }
        return NormPlan(of: genomes, parts) { part in
            switch part {
            case .stem(let stem, _): stem.normChannels
            case .block(let block): block.normChannels
            case .head(let head): head.width.map { [$0] } ?? []
            }
        }
    }

    /// Logits of a batch of images under many genomes, by the statistics among the parameters; see ``Supernet``.
    public func evaluate(
        _ images: MatrixView, as genomes: [Genome], with store: ParameterStore, on tape: Tape,
        _ receive: (Int, MatrixView) -> Void
    ) {
        walk(normPlan(of: genomes), images, store, tape, source: .parameters, receive)
    }

    /// Logits by given statistics; see ``CalibratedSupernet``.
    public func evaluate(
        _ images: MatrixView, by plan: NormPlan, statistics: MatrixView?, with store: ParameterStore, on tape: Tape,
        _ receive: (Int, MatrixView) -> Void
    ) {
        walk(plan, images, store, tape, source: statistics.map { .row($0) } ?? .batch, receive)
    }

    /// The moments of a batch; see ``CalibratedSupernet``.
    public func measure(
        _ images: MatrixView, by plan: NormPlan, with store: ParameterStore, on tape: Tape,
        into values: UnsafeMutableBufferPointer<Double>
    ) {
        precondition(values.count == plan.valueCount, "there is room for the values of the plan")
        walk(plan, images, store, tape, source: .measured(values)) { _, _ in }
    }

    /// Writes a subnet's statistics among the parameters; see ``CalibratedSupernet``.
    public func copyStatistics(
        of genome: Int, in plan: NormPlan, from statistics: MatrixView, to values: FloatBuffer, on backend: any Backend
    ) {
        guard let path = plan.paths.first(where: { $0.index == genome }) else { return }
        for key in path.keys {
            let node = plan.nodes[key]
            var place = node.offset
            for (number, channels) in norms(of: node, in: plan) {
                for entry in [parameters.statistics[number].mean, parameters.statistics[number].variance] {
                    backend.copy(
                        statistics.block(row: 0, column: place, rows: 1, columns: channels),
                        to: entry.view(of: values).leading(rows: 1, columns: channels))
                    place += channels
                }
            }
        }
    }

    /// The norms of a node in the order of computing: their numbers and channels.
    private func norms(of node: NormPlan.Node, in plan: NormPlan) -> [(number: Int, channels: Int)] {
        let network = network(of: plan.genomes[node.genome])
        if node.level == 0 {
            return (parameters.deepStem?.norms(of: network.stem) ?? [])
                + [(parameters.stem.norm, network.stem.width)]
        }
        guard node.level <= network.blocks.count else {
            guard let head = parameters.head, let width = network.head.width else { return [] }
            return [(head.norm, width)]
        }
        let block = network.blocks[node.level - 1]
        if let own = parameters.residual[block.number] { return own.norms(of: block) }
        guard let own = parameters.blocks[block.number] else { return [] }
        return (own.expand.map { [($0.norm, block.middle)] } ?? [])
            + [(own.depthwise.norm, block.middle), (own.project.norm, block.output)]
    }

    private func walk(
        _ plan: NormPlan, _ images: MatrixView, _ store: ParameterStore, _ tape: Tape, source: CNNPass.Source,
        _ receive: (Int, MatrixView) -> Void
    ) {
        tape.begin(recording: false)
        let networks = plan.genomes.map { network(of: $0) }
        let pass = CNNPass(store: store, tape: tape, epsilon: family.epsilon, source: source)
        let tree = PrefixTree(
            paths: plan.paths,
            part: { level, key, stream in
                let node = plan.nodes[key], network = networks[node.genome]
                var own = pass
                own.place = node.offset
                let result: Variable
                if let stream {
                    result =
                        level <= network.blocks.count
                        ? transform(stream.sum, network.blocks[level - 1], &own)
                        : condense(stream.sum, network, &own)
                } else {
                    result = read(images, network, &own)
                }
                return ResidualStream(sum: result, branch: nil, rowsPerExample: 1)
            }, outputs: { classify($0.sum, networks[0], pass) })
        tree.walk(on: tape, receive)
    }
}
