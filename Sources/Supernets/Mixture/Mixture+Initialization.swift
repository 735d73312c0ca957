internal import Foundation
internal import SearchSpaces
internal import Tensors

extension Mixture {
    /// The deviation of a router's or an expert's initial values; nil for parameters that are none of these.
    ///
    /// Experts of their own draws begin sqrt(m) times larger than plain weights, so that their even mixture begins as large.
    /// Routers: N(0, 1 / (3 inputs)), and for neuron-wise outputs N(0, 2 / (inputs + outputs)); output biases 0. Never 0
    /// for output weights: copied experts would then have equal gradients for ever.
    func deviation(of entry: ParameterLayout.Entry) -> Float? {
        let name = entry.name
        if name.hasSuffix(".router.output.bias") { return 0 }
        if name.hasSuffix(".router.output.weight"), settings.routing == .neuron {
            return (2 / Float(entry.rows + entry.columns)).squareRoot()
        }
        if name.contains(".router.hidden.") { return 1 / (3 * Float(encoding.count)).squareRoot() }
        if name.hasSuffix(".router.output.weight") { return 1 / (3 * Float(entry.columns)).squareRoot() }
        guard name.contains(".experts."), entry.rows > 1, settings.initialization == .independent else { return nil }
        return (Float(settings.experts) / (3 * Float(entry.columns))).squareRoot()
    }

    /// Makes all experts copies of the first, where the settings say so.
    func copyExperts(in values: FloatBuffer, on backend: any Backend) {
        guard settings.initialization == .copies else { return }
        for layer in sites.flatMap(\.layers) {
            guard let first = layer.experts.first else { continue }
            for expert in layer.experts.dropFirst() {
                for (source, target) in [(first.weight, expert.weight), (first.bias, expert.bias)] {
                    backend.copy(source.view(of: values), to: target.view(of: values))
                }
            }
        }
    }
}
