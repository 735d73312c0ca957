internal import SearchSpaces
public import Tensors

extension Mixture {
    /// The leading rows and columns of a site's layers that an architecture uses.
    public struct SiteSlice: Sendable {
        /// Which site.
        public let site: Int
        /// The merged parameters, layer by layer.
        public let layers: [(weight: ParameterSlice, bias: ParameterSlice?)]

        /// The merged parameters, one after the other.
        public var slices: [ParameterSlice] { layers.flatMap { [$0.weight] + ($0.bias.map { [$0] } ?? []) } }

        /// Rows of mixing weights that count.
        func rows(of site: Site) -> Int { site.rows == 1 ? 1 : layers.first?.weight.rows ?? 0 }
    }

    /// Tells an architecture's slices of the network apart: what is shared, and what each site merges.
    public func parts(of slices: [ParameterSlice]) -> (shared: [ParameterSlice], sites: [SiteSlice]) {
        var byOffset: [Int: ParameterSlice] = [:]
        var plain: [ParameterSlice] = []
        for slice in slices {
            if shared[slice.entry.offset] != nil { plain.append(slice) } else { byOffset[slice.entry.offset] = slice }
        }
        var merged: [SiteSlice] = []
        for (index, site) in sites.enumerated() {
            let layers = site.layers.compactMap { layer -> (weight: ParameterSlice, bias: ParameterSlice?)? in
                byOffset[layer.weight.offset].map { ($0, layer.bias.flatMap { byOffset[$0.offset] }) }
            }
            if layers.count == site.layers.count { merged.append(SiteSlice(site: index, layers: layers)) }
        }
        return (plain, merged)
    }

    /// Copies a shared slice into the merged weights.
    public func share(
        _ slice: ParameterSlice, from values: FloatBuffer, into room: MixtureRoom, with kernels: any Backend
    ) {
        guard let trained = shared[slice.entry.offset] else { return }
        kernels.copy(slice.view(of: values, at: trained), to: slice.view(of: room.values))
    }

    /// Raises the trained gradient by that of a shared slice.
    public func shareBack(
        _ slice: ParameterSlice, from room: MixtureRoom, into gradient: FloatBuffer, with kernels: any Backend
    ) {
        guard let trained = shared[slice.entry.offset] else { return }
        kernels.add(slice.view(of: room.gradient), to: slice.view(of: gradient, at: trained))
    }

    /// Routes and merges the layers of one site.
    ///
    /// - Parameters:
    ///   - encoding: The architecture.
    ///   - dropout: What of the router's hidden units is dropped in training.
    public func merge(
        _ slice: SiteSlice, encoding: [Float], values: FloatBuffer, into room: MixtureRoom, dropout: Dropout? = nil,
        with kernels: any Backend
    ) {
        let site = sites[slice.site], own = room.sites[slice.site]
        route(site, slice, encoding: encoding, values: values, own, dropout: dropout, kernels)
        let mix = own.mix.matrix(rows: slice.rows(of: site), columns: settings.experts)
        for (layer, active) in zip(site.layers, slice.layers) {
            kernels.blend(
                layer.experts.map { Self.view(values, $0.weight, active.weight) }, weights: mix,
                into: Self.view(room.values, layer.weight, active.weight))
            // A bias is a column: each neuron has its row of mixing weights.
            guard let bias = layer.bias, let part = active.bias else { continue }
            kernels.blend(
                layer.experts.compactMap { $0.bias.map { Self.column(values, $0, part) } }, weights: mix,
                into: Self.column(room.values, bias, part))
        }
    }

    /// Takes the gradient of the merged weights of one site to its experts and its router.
    ///
    /// dE_i += mix_i P and dmix_i = <P, E_i> + <q, e_i> for the gradients P of weights and q of biases; then through the
    /// softmax into the router. Its gradient by the encoding stays in the room.
    public func mergeBack(
        _ slice: SiteSlice, encoding: [Float], values: FloatBuffer, from room: MixtureRoom,
        into gradient: FloatBuffer, with kernels: any Backend
    ) {
        let site = sites[slice.site], own = room.sites[slice.site]
        let rows = slice.rows(of: site)
        let mix = own.mix.matrix(rows: rows, columns: settings.experts)
        let slopes = own.mixGradient.matrix(rows: rows, columns: settings.experts)
        kernels.fill(slopes, with: 0)
        for (layer, active) in zip(site.layers, slice.layers) {
            kernels.blendBackward(
                layer.experts.map { Self.view(values, $0.weight, active.weight) }, weights: mix,
                dy: Self.view(room.gradient, layer.weight, active.weight),
                gradients: layer.experts.map { Self.view(gradient, $0.weight, active.weight) }, weightGradient: slopes)
            guard let bias = layer.bias, let part = active.bias else { continue }
            kernels.blendBackward(
                layer.experts.compactMap { $0.bias.map { Self.column(values, $0, part) } }, weights: mix,
                dy: Self.column(room.gradient, bias, part),
                gradients: layer.experts.compactMap { $0.bias.map { Self.column(gradient, $0, part) } },
                weightGradient: slopes)
        }
        kernels.softmaxBackward(probabilities: mix, gradient: slopes, scale: 1)
        routeBack(site, rows: rows, encoding: encoding, values: values, own, into: gradient, kernels)
    }

    /// The gradient of the encoding by way of all routers of the last ``mergeBack(_:encoding:values:from:into:with:)``.
    public func encodingGradient(
        of slices: [SiteSlice], in room: MixtureRoom, with kernels: any Backend
    ) -> [Float] {
        let total = room.encodingGradient.whole
        kernels.fill(total, with: 0)
        for slice in slices { kernels.add(room.sites[slice.site].inputGradient.whole, to: total) }
        return kernels.download(total)
    }

    // MARK: Routers

    func route(
        _ site: Site, _ slice: SiteSlice, encoding: [Float], values: FloatBuffer, _ room: MixtureRoom.Site,
        dropout: Dropout?, _ kernels: any Backend
    ) {
        let count = settings.hidden, logits = slice.rows(of: site) * settings.experts
        let hidden = room.hidden.matrix(rows: 1, columns: count), slope = room.slope.matrix(rows: 1, columns: count)
        kernels.upload(encoding, to: room.input.whole)
        kernels.multiply(
            room.input.whole, transposed: false, site.hiddenWeight.view(of: values), transposed: true, into: hidden)
        kernels.biasReLU(hidden, bias: site.hiddenBias.view(of: values), into: hidden, slope: slope)
        if let dropout {
            // The room of the gradient holds the factors for a moment.
            let factors = room.hiddenGradient.matrix(rows: 1, columns: count)
            kernels.fill(factors, by: dropout, site: slice.site, rowsPerExample: 1)
            kernels.multiply(hidden, by: factors)
            kernels.multiply(slope, by: factors)
        }
        kernels.multiply(
            hidden, transposed: false, site.outputWeight.view(of: values).leading(rows: logits, columns: count),
            transposed: true,
            into: room.mix.matrix(rows: 1, columns: logits),
            bias: site.outputBias.view(of: values).leading(rows: 1, columns: logits))
        kernels.softmax(room.mix.matrix(rows: logits / settings.experts, columns: settings.experts), scale: 1)
    }

    private func routeBack(
        _ site: Site, rows: Int, encoding: [Float], values: FloatBuffer, _ room: MixtureRoom.Site,
        into gradient: FloatBuffer, _ kernels: any Backend
    ) {
        let count = settings.hidden, logits = rows * settings.experts
        let slopes = room.mixGradient.matrix(rows: 1, columns: logits)
        let hidden = room.hidden.matrix(rows: 1, columns: count)
        let hiddenGradient = room.hiddenGradient.matrix(rows: 1, columns: count)
        let output = site.outputWeight.view(of: values).leading(rows: logits, columns: count)
        kernels.multiply(
            slopes, transposed: true, hidden,
            into: site.outputWeight.view(of: gradient).leading(rows: logits, columns: count), accumulating: true)
        kernels.add(slopes, to: site.outputBias.view(of: gradient).leading(rows: 1, columns: logits))
        kernels.multiply(slopes, output, into: hiddenGradient)
        kernels.multiply(hiddenGradient, by: room.slope.matrix(rows: 1, columns: count))
        kernels.add(hiddenGradient, to: site.hiddenBias.view(of: gradient))
        kernels.upload(encoding, to: room.input.whole)
        kernels.multiply(
            hiddenGradient, transposed: true, room.input.whole, into: site.hiddenWeight.view(of: gradient),
            accumulating: true)
        kernels.multiply(
            hiddenGradient, site.hiddenWeight.view(of: values),
            into: room.inputGradient.matrix(rows: 1, columns: encoding.count))
    }

    // MARK: Views

    private static func view(_ buffer: FloatBuffer, _ entry: Entry, _ slice: ParameterSlice) -> MatrixView {
        entry.view(of: buffer).leading(rows: slice.rows, columns: slice.columns)
    }

    private static func column(_ buffer: FloatBuffer, _ entry: Entry, _ slice: ParameterSlice) -> MatrixView {
        buffer.matrix(offset: entry.offset, rows: entry.columns, columns: 1).leading(rows: slice.columns, columns: 1)
    }
}
