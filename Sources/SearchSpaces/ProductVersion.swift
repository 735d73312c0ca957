/// The version of the product, in one place.
public enum ProductVersion {
    /// The version as `nasd --version` prints it.
    public static let text = "0.1.0"
}
