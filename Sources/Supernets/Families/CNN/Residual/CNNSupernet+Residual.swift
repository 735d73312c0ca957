internal import SearchSpaces
internal import Tensors

extension CNNSupernet {
    /// What a deep stem computes before its last convolution, from the windows of images.
    func readDeep(_ windows: Variable, _ stem: CNNStem, _ pass: inout CNNPass) -> Variable {
        guard let deep = parameters.deepStem, let inner = stem.inner else { return windows }
        let weight = pass.store.slice(deep.first.weight, rows: inner)
        var x = norm(deep.first, channels: inner, stem.activation, &pass) {
            $0.linear(windows, weight: weight, bias: nil, tallying: $1)
        }
        for layer in deep.between.prefix(stem.between) {
            x = dense(x, layer, outputs: inner, stem.window, stem.activation, &pass, shortcut: x)
        }
        return x
    }

    /// A block of a residual network.
    func transformResidual(_ x: Variable, _ block: CNNBlock, _ pass: inout CNNPass) -> Variable {
        guard let own = parameters.residual[block.number] else { preconditionFailure("every block has parameters") }
        let tape = pass.tape
        var shortcut = x
        if case .pooled = block.shortcut {
            if block.stride > 1 { shortcut = tape.meanPool(x, block.window) }
            if let layer = own.shortcut {
                shortcut = pointwise(shortcut, layer, outputs: block.output, nil, &pass)
            } else if let weight = own.plainShortcut {
                shortcut = tape.linear(
                    shortcut, weight: pass.store.slice(weight, rows: block.output, columns: block.input), bias: nil)
            }
        }
        var y = x
        if let reduce = own.reduce { y = pointwise(y, reduce, outputs: block.middle, block.activation, &pass) }
        y = dense(y, own.spatial, outputs: block.middle, block.window, block.activation, &pass)
        y =
            block.kind == .basic
            ? dense(y, own.project, outputs: block.output, block.outputWindow, nil, &pass, shortcut: shortcut)
            : pointwise(y, own.project, outputs: block.output, nil, &pass, shortcut: shortcut)
        return tape.activate(y, by: block.activation.mapActivation)
    }

    /// A convolution over all channels with its norm.
    func dense(
        _ x: Variable, _ layer: NormalizedLayer, outputs: Int, _ window: MapWindow, _ activation: CNNActivation?,
        _ pass: inout CNNPass, shortcut: Variable? = nil
    ) -> Variable {
        let weight = pass.store.slice(layer.weight, rows: outputs, columns: x.value.columns * window.taps)
        return norm(layer, channels: outputs, activation, &pass, shortcut: shortcut) {
            $0.convolve(x, weight: weight, window, tallying: $1)
        }
    }
}

extension CNNStem {
    /// How the convolutions behind the first of a deep stem go over their maps.
    var window: MapWindow { MapWindow(height: convolvedMap.height, width: convolvedMap.width, kernel: kernel) }

    /// How the pooling goes over the map that convolutions leave.
    var poolWindow: MapWindow {
        MapWindow(height: convolvedMap.height, width: convolvedMap.width, kernel: 3, step: 2)
    }
}

extension CNNBlock {
    /// How the convolution with the stride goes over the block's input, or over a map of its size.
    var window: MapWindow {
        MapWindow(height: inputMap.height, width: inputMap.width, kernel: kernel, step: stride)
    }

    /// How a basic block's last convolution goes over its map.
    var outputWindow: MapWindow { MapWindow(height: outputMap.height, width: outputMap.width, kernel: kernel) }
}
