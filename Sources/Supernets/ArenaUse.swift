/// What an arena is for.
public enum ArenaUse: Sendable {
    /// Logits of many genomes, nothing recorded.
    case evaluation
    /// Forward and backward of a subnet.
    case training
    /// Forward and backward at full width under masks.
    case maskedTraining
}
