@testable import Training

extension Format {
    /// safetensors as a checkpoint.
    static let checkpoints = Format(
        name: "checkpoints",
        read: { bytes in
            guard let checkpoint = try? CheckpointFile(Scratch.place(bytes, "checkpoint")) else { return }
            try? checkpoint.checkDigest()
        },
        repair: SafetensorsHeader.repair)
}
