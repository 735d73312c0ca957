internal import CKernels

/// The instruction set that the vector kernels run with.
///
/// Two paths round differently, so a run keeps the path it began with (design: same bytes on the same path).
public enum VectorPath: String, Sendable, CaseIterable, Comparable {
    /// Vectors of four floats that every processor has.
    case plain
    /// AVX2 with FMA.
    case avx2
    /// AVX-512 F, BW, DQ, VL and CD.
    case avx512

    /// The widest path of this processor.
    public static var best: VectorPath {
        switch nk_best_path() {
        case nk_path_avx512: .avx512
        case nk_path_avx2: .avx2
        default: .plain
        }
    }

    /// OpenBLAS's name for kernels of this width; `nil` leaves the choice to OpenBLAS.
    var blasCore: String? {
        switch self {
        case .plain: nil
        case .avx2: "Haswell"
        case .avx512: "SkylakeX"
        }
    }

    var code: nk_path {
        switch self {
        case .plain: nk_path_plain
        case .avx2: nk_path_avx2
        case .avx512: nk_path_avx512
        }
    }

    /// Narrower vectors come first.
    public static func < (left: VectorPath, right: VectorPath) -> Bool { left.code.rawValue < right.code.rawValue }
}
