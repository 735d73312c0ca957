extension ImageSet {
    /// The images in another shape: centred on black, cut where they are larger, the first channel repeated as needed.
    ///
    /// For benchmarks, which need images of a shape and not of a content.
    public func fitted(height: Int, width: Int, channels: Int, classes: Int) throws -> ImageSet {
        guard case .bytes(let source) = pixels else {
            throw DatasetError.unsupported(file: "images", expected: "bytes", found: "floats")
        }
        var target = [UInt8](repeating: 0, count: count * height * width * channels)
        let down = (height - self.height) / 2, right = (width - self.width) / 2
        for image in 0..<count {
            for row in max(0, down)..<min(height, down + self.height) {
                for column in max(0, right)..<min(width, right + self.width) {
                    let from = ((image * self.height + row - down) * self.width + column - right) * self.channels
                    let to = ((image * height + row) * width + column) * channels
                    for channel in 0..<channels { target[to + channel] = source[from + channel % self.channels] }
                }
            }
        }
        return try ImageSet(
            height: height, width: width, channels: channels, pixels: .bytes(target),
            labels: labels.map { $0 % Int32(classes) }, classes: classes)
    }
}
