extension ViTFamily {
    /// Parameters, multiply-adds and bytes of activations of a genome.
    ///
    /// Multiply-adds count matrix products; norms, softmax, biases and residual sums count 0. With n tokens of width d,
    /// attention width a, hidden width m and c classes:
    ///
    ///     multiplyAdds = (n - 1) p d + d c + sum over blocks of (3 n d a + 2 n n a + n a d + 2 n d m)
    ///     activationBytes = 4 max(n p + n d,                   the patches and their embedding
    ///                             n d + n d + 3 n a,           the stream, its norm, and queries, keys, values
    ///                             n d + 4 n a + n n,           the stream, these, the result, and one head's scores
    ///                             n d + n a + n d,             the stream, the result, and its projection
    ///                             n d + n d + n m,             the stream, its norm or the branch, and hidden units
    ///                             d + c)
    ///
    /// Patches count as n - 1 rows. Complexity: O(blocks).
    package func costs(of genome: Genome) -> [Int] {
        let shape = shape(of: genome)
        let n = tokens, d = shape.embed, p = patchValues
        var multiplyAdds = (n - 1) * p * d + d * classes
        // Patch embedding, class token, positions, final norm and head.
        var params = d * (p + 1) + d + n * d + 2 * d + classes * (d + 1)
        var peak = max((n - 1) * p + n * d, d + classes)
        for block in 0..<shape.depth {
            let a = shape.heads(block) * headWidth, m = shape.mlpHidden(block)
            multiplyAdds += n * d * 3 * a + 2 * n * n * a + n * a * d + 2 * n * d * m
            params += 3 * a * (d + 1) + d * (a + 1) + m * (d + 1) + d * (m + 1) + 4 * d
            peak = max(peak, 2 * n * d + 3 * n * a, n * d + 4 * n * a + n * n, 2 * n * d + n * m)
        }
        return [params, multiplyAdds, 4 * peak]
    }
    /// The cost less what the last block leaves out: it computes one query, projection and MLP for each image, and neither keys
    /// nor values of tokens.
    ///
    /// With the letters of ``costs(of:)`` and h heads, 3 n d a + 2 n n a + n a d + 2 n d m become 4 d a + 2 n h d + 2 d m.
    package func executedMultiplyAdds(of genome: Genome) -> Int {
        let shape = shape(of: genome), last = shape.depth - 1
        let n = tokens, d = shape.embed, h = shape.heads(last), a = h * headWidth, m = shape.mlpHidden(last)
        let whole = n * (4 * d * a + 2 * n * a + 2 * d * m)
        return costs(of: genome)[1] - whole + 4 * d * a + 2 * n * h * d + 2 * d * m
    }
}
