internal import SearchSpaces
internal import Tensors

extension Mixture {
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
