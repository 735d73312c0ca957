internal import API

extension CandidateList {
    /// The list as JSON.
    var jsonBytes: [UInt8] {
        var writer = JSONWriter(capacity: 400 * candidates.count + 200)
        writer.object {
            $0.field("apiVersion", apiVersion)
            $0.array("candidates", candidates) { $1.write(to: &$0) }
            $0.field("kind", kind)
            $0.field("next", next)
            $0.field("run", run)
        }
        return writer.bytes
    }
}

extension CandidateItem {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.field("accuracy", accuracy)
        writer.field("candidate", candidate)
        writer.field("feasible", feasible)
        writer.field("genome", genome)
        writer.field("key", key)
        writer.field("latencyKind", latencyKind)
        writer.field("latencyMilliseconds", latencyMilliseconds)
        writer.field("loss", loss)
        writer.field("measured", measured)
        writer.field("metrics", metrics)
        writer.field("multiplyAdds", multiplyAdds)
        writer.field("onFront", onFront)
        writer.field("origin", origin)
        writer.field("params", params)
        writer.field("round", round)
        writer.field("samples", samples)
        writer.field("state", state)
        writer.field("testAccuracy", testAccuracy)
        writer.field("validationAccuracy", validationAccuracy)
        writer.field("violation", violation)
        writer.field("weightsStep", weightsStep)
    }
}
