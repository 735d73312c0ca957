internal import API

extension RunFile {
    /// What a daemon found wrong with the submission, under the name of the file.
    func failure(_ error: APIClientError) -> Failure {
        guard case .problem(let problem) = error, let faults = problem.errors, !faults.isEmpty else {
            return Failure(error)
        }
        let lines = faults.map { fault in
            ([name, fault.path].filter { !$0.isEmpty } + [fault.message]).joined(separator: ": ")
        }
        return Failure(code: error.exitStatus, message: lines.joined(separator: "\n"))
    }
}
