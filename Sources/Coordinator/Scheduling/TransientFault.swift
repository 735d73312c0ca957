internal import Datasets
internal import Store
internal import Tensors
internal import Training

/// Faults of the system that may be over soon: a disk that does not answer, no descriptor, thread or memory left.
///
/// What was read and is wrong is none of them, however often it is read; but for the database, of which SQLite calls
/// damaged what it could not read, so that only the next look tells.
enum TransientFault {
    /// Whether the same may go well later.
    static func isOne(_ error: any Error) -> Bool {
        switch error {
        case StoreError.corrupt: true
        case let error as StoreError: error.isTransient
        case is ThreadError: true
        case let error as TensorFileError: if case .unreadable = error { true } else { false }
        case let error as DatasetError: if case .unreadable = error { true } else { false }
        default: false
        }
    }

    /// Whether it is waited for however long it takes, since nothing can be noted meanwhile.
    static func isOutage(_ error: any Error) -> Bool { (error as? StoreError)?.isTransient ?? false }
}
