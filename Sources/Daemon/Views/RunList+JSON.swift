internal import API
internal import Store

extension RunList {
    /// The list as JSON.
    var jsonBytes: [UInt8] {
        var writer = JSONWriter(capacity: 500 * runs.count + 200)
        writer.object {
            $0.field("apiVersion", apiVersion)
            $0.field("kind", kind)
            $0.field("next", next)
            $0.array("runs", runs) { $1.write(to: &$0) }
        }
        return writer.bytes
    }
}

extension RunItem {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.field("candidates", candidates)
        writer.field("created", created)
        writer.field("desired", desired)
        writer.field("evaluations", evaluations)
        writer.field("evaluationsPlanned", evaluationsPlanned)
        writer.field("failure", failure)
        writer.field("hypervolume", hypervolume)
        writer.field("id", id)
        writer.field("lastEvent", lastEvent)
        writer.field("loss", loss)
        writer.field("name", name)
        writer.field("priority", priority)
        writer.field("queuePosition", queuePosition)
        writer.field("round", round)
        writer.field("secondsLeft", secondsLeft)
        writer.field("space", space)
        writer.field("state", state)
        writer.field("step", step)
        writer.field("steps", steps)
        writer.field("updated", updated)
        writer.field("workers", workers)
    }
}

/// What the store has for a page of the status.
struct StatusRows: Sendable {
    let runs: [RunStatus]
    /// Where the page ends when more follow.
    let next: StatusCursor?

    init(_ store: RunStore, after place: StatusCursor?, limit: Int) throws {
        (runs, next) = try store.status(after: place, limit: limit)
    }
}
