internal import API

extension RunDocument {
    /// What of a run can be changed, as text by the key that changes it; nil where the daemon does not say.
    func limitText(of key: String) -> String? {
        guard let limits else { return nil }
        switch key {
        case "evaluations": return String(limits.evaluations)
        case "priority": return String(limits.priority)
        case "workers":
            guard let asked = limits.workersAsked else { return "\(limits.workers), as many as it may have" }
            return asked > limits.workers ? "\(limits.workers) of the \(asked) asked for" : String(limits.workers)
        default: return nil
        }
    }

    /// Tells that the daemon gives the run fewer threads than it asks for; nil where it gets them.
    var capNotice: String? {
        guard let limits, let asked = limits.workersAsked, asked > limits.workers else { return nil }
        return "workers=\(asked) is capped to \(limits.workers) by the daemon: raise `workers` of its configuration, "
            + "which `concurrentRuns` divides"
    }
}
