/// Guards the unchecked loops over pixels against indices of another set.
enum IndexCheck {
    static func check(_ indices: [Int32], count: Int) throws {
        if let wrong = indices.first(where: { $0 < 0 || Int($0) >= count }) {
            throw DatasetError.invalidSetting(name: "image index", value: "\(wrong)", allowed: "0..<\(count)")
        }
    }
}
