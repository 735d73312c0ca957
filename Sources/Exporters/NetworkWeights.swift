internal import Supernets
internal import Tensors

/// The values of a network's parameters, as files take them.
struct NetworkWeights {
    let values: FloatBuffer
    let backend: any Backend

    /// A parameter row by row, as it is computed with: a dense convolution as (out, tap, in), a depthwise one as (tap, channel) with
    /// the taps in rings.
    func matrix(_ entry: ParameterLayout.Entry) -> [Float] { backend.download(entry.view(of: values)) }

    /// A parameter as other frameworks have it, in the order of its shape: convolutions as (out, in, height, width).
    func tensor(_ entry: ParameterLayout.Entry) -> [Float] {
        let matrix = matrix(entry)
        guard let places = entry.arrangement.places(rows: entry.rows, columns: entry.columns) else { return matrix }
        return places.map { matrix[$0] }
    }
}
