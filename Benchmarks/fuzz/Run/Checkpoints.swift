@testable import Training

extension Format {
    /// safetensors as a checkpoint.
    static let checkpoints = Format(
        name: "checkpoints",
        read: { bytes in
            guard let checkpoint = attempt({ try CheckpointFile(Scratch.place(bytes, "checkpoint")) }) else { return }
            attempt({ try checkpoint.checkDigest() })
        },
        repair: SafetensorsHeader.repair)
}
