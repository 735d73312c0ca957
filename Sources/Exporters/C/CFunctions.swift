/// The functions of a C file, by what they compute; those that a network needs go into its file.
struct CFunctions {
    /// Whether weights are whole numbers of 8 bits with a scale for each output channel.
    let isRounded: Bool

    private var type: String { isRounded ? "int8_t" : "float" }
    private var parameter: String { isRounded ? "const float *scale, " : "" }
    private func scaled(_ sum: String, _ channel: String) -> String { isRounded ? "\(sum) * scale[\(channel)]" : sum }
    private func factor(_ place: String) -> String { isRounded ? "(float)\(place)" : place }

    /// What follows a weight and its bias, of the functions that are used.
    static func activate(_ used: Set<CActivation>) -> String {
        let cases = CActivation.allCases.filter { used.contains($0) && $0 != .identity }.map {
            "    case \($0.rawValue): return \($0.formula);\n"
        }
        return """
            static float activate(float x, int function)
            {
                switch (function) {
            \(cases.joined())    default: return x;
                }
            }

            """
    }

    /// y[r][o] = g(f(sum of x[r][i] w[o][i] + b[o]) + added[r][o]), four outputs at a time; added may be y.
    var linear: String {
        """
        static void linear(const float *x, const \(type) *w, \(parameter)const float *b, const float *added, float *y,
                           int rows, int inputs, int outputs, int function, int closing)
        {
            int r, o, i, n;
            for (r = 0; r < rows; r++, x += inputs) {
                const \(type) *v = w;
                for (o = 0; o < outputs; o += n) {
                    float sum[4] = {0, 0, 0, 0};
                    n = outputs - o < 4 ? 1 : 4;
                    if (n == 4) {
                        const \(type) *v1 = v + inputs, *v2 = v1 + inputs, *v3 = v2 + inputs;
                        float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
                        for (i = 0; i < inputs; i++) {
                            float value = x[i];
                            s0 += value * \(factor("v[i]"));
                            s1 += value * \(factor("v1[i]"));
                            s2 += value * \(factor("v2[i]"));
                            s3 += value * \(factor("v3[i]"));
                        }
                        sum[0] = s0;
                        sum[1] = s1;
                        sum[2] = s2;
                        sum[3] = s3;
                    } else {
                        for (i = 0; i < inputs; i++)
                            sum[0] += x[i] * \(factor("v[i]"));
                    }
                    v += n * inputs;
                    for (i = 0; i < n; i++) {
                        int place = r * outputs + o + i;
                        float value = activate(\(scaled("sum[i]", "o + i")) + (b ? b[o + i] : 0), function);
                        y[place] = added ? activate(added[place] + value, closing) : value;
                    }
                }
            }
        }

        """
    }

    /// A dense convolution, weights as (output, tap, channel), zeros beyond the sides; added may be y.
    var convolution: String {
        """
        static void convolution(const float *x, const \(type) *w, \(parameter)const float *b, const float *added,
                                float *y, int height, int width, int channels, int kernel, int step, int outputs,
                                int function, int closing)
        {
            int row, column, o, down, across, i;
            for (row = 0; row * step < height; row++) {
                for (column = 0; column * step < width; column++) {
                    for (o = 0; o < outputs; o++) {
                        float sum = 0;
                        for (down = 0; down < kernel; down++) {
                            int line = row * step + down - kernel / 2;
                            if (line < 0 || line >= height)
                                continue;
                            for (across = 0; across < kernel; across++) {
                                int place = column * step + across - kernel / 2;
                                const float *in = x + (line * width + place) * channels;
                                const \(type) *v = w + ((o * kernel + down) * kernel + across) * channels;
                                if (place < 0 || place >= width)
                                    continue;
                                for (i = 0; i < channels; i++)
                                    sum += in[i] * \(factor("v[i]"));
                            }
                        }
                        sum = activate(\(scaled("sum", "o")) + (b ? b[o] : 0), function);
                        *y++ = added ? activate(*added++ + sum, closing) : sum;
                    }
                }
            }
        }

        """
    }

    /// A convolution of each channel by itself, weights as (tap, channel), zeros beyond the sides.
    var depthwise: String {
        """
        static void depthwise(const float *x, const \(type) *w, \(parameter)const float *b, float *y, int height, int width,
                              int channels, int kernel, int step, int function)
        {
            int row, column, down, across, c;
            for (row = 0; row * step < height; row++) {
                for (column = 0; column * step < width; column++, y += channels) {
                    for (c = 0; c < channels; c++)
                        y[c] = 0;
                    for (down = 0; down < kernel; down++) {
                        int line = row * step + down - kernel / 2;
                        if (line < 0 || line >= height)
                            continue;
                        for (across = 0; across < kernel; across++) {
                            int place = column * step + across - kernel / 2;
                            const float *in = x + (line * width + place) * channels;
                            const \(type) *v = w + (down * kernel + across) * channels;
                            if (place < 0 || place >= width)
                                continue;
                            for (c = 0; c < channels; c++)
                                y[c] += in[c] * \(factor("v[c]"));
                        }
                    }
                    for (c = 0; c < channels; c++)
                        y[c] = activate(\(scaled("y[c]", "c")) + (b ? b[c] : 0), function);
                }
            }
        }

        """
    }

    /// Layer norm, row by row; y may be x.
    static let layerNorm = """
        static void layer_norm(const float *x, const float *gain, const float *offset, float *y, int rows, int columns)
        {
            int r, c;
            for (r = 0; r < rows; r++, x += columns, y += columns) {
                float mean = 0, variance = 0, scale;
                for (c = 0; c < columns; c++)
                    mean += x[c];
                mean /= (float)columns;
                for (c = 0; c < columns; c++)
                    variance += (x[c] - mean) * (x[c] - mean);
                scale = 1 / sqrtf(variance / (float)columns + 1e-5f);
                for (c = 0; c < columns; c++)
                    y[c] = (x[c] - mean) * scale * gain[c] + offset[c];
            }
        }

        """

    /// The patches of an image, each in the order (row, column, channel).
    static let patches = """
        static void patches(const float *x, float *y, int height, int width, int channels, int side)
        {
            int down, across, row, i;
            for (down = 0; down < height; down += side)
                for (across = 0; across < width; across += side)
                    for (row = 0; row < side; row++)
                        for (i = 0; i < side * channels; i++)
                            *y++ = x[((down + row) * width + across) * channels + i];
        }

        """

    /// The class token and the others, each with its position.
    static let tokens = """
        static void tokens(const float *x, const float *table, float *y, int count, int columns)
        {
            int i;
            for (i = 0; i < columns; i++)
                y[i] = table[i];
            for (; i < count * columns; i++)
                y[i] = x[i - columns] + table[i];
        }

        """

    /// The first row.
    static let first = """
        static void first(const float *x, float *y, int columns)
        {
            int i;
            for (i = 0; i < columns; i++)
                y[i] = x[i];
        }

        """

    /// softmax(Q K^T factor) V, head by head; y may be q.
    static let attention = """
        static void attention(const float *q, const float *k, const float *v, float *y, float *shares, int queries, int count,
                              int columns, int head, float factor)
        {
            int query, start, t, c;
            for (query = 0; query < queries; query++, q += columns, y += columns) {
                for (start = 0; start < columns; start += head) {
                    float most = 0, total = 0;
                    for (t = 0; t < count; t++) {
                        float sum = 0;
                        for (c = start; c < start + head; c++)
                            sum += q[c] * k[t * columns + c];
                        shares[t] = sum * factor;
                        if (t == 0 || shares[t] > most)
                            most = shares[t];
                    }
                    for (t = 0; t < count; t++) {
                        shares[t] = expf(shares[t] - most);
                        total += shares[t];
                    }
                    for (c = start; c < start + head; c++)
                        y[c] = 0;
                    for (t = 0; t < count; t++)
                        for (c = start; c < start + head; c++)
                            y[c] += shares[t] * v[t * columns + c];
                    for (c = start; c < start + head; c++)
                        y[c] /= total;
                }
            }
        }

        """

    /// The mean row; y may be x.
    static let mean = """
        static void mean(const float *x, float *y, int rows, int columns)
        {
            int r, c;
            for (c = 0; c < columns; c++) {
                float sum = 0;
                for (r = 0; r < rows; r++)
                    sum += x[r * columns + c];
                y[c] = sum / (float)rows;
            }
        }

        """

    /// The mean over step x step places, of those that are there.
    static let meanPool = """
        static void mean_pool(const float *x, float *y, int height, int width, int channels, int step)
        {
            int row, column, c, down, across;
            for (row = 0; row < height; row += step) {
                for (column = 0; column < width; column += step) {
                    for (c = 0; c < channels; c++) {
                        float sum = 0;
                        int count = 0;
                        for (down = row; down < row + step && down < height; down++)
                            for (across = column; across < column + step && across < width; across++, count++)
                                sum += x[(down * width + across) * channels + c];
                        *y++ = sum / (float)count;
                    }
                }
            }
        }

        """

    /// The maximum over the kernel's places around every step-th place, of those that are there.
    static let maxPool = """
        static void max_pool(const float *x, float *y, int height, int width, int channels, int kernel, int step)
        {
            int row, column, c, down, across;
            for (row = 0; row < height; row += step) {
                for (column = 0; column < width; column += step) {
                    for (c = 0; c < channels; c++) {
                        float most = x[(row * width + column) * channels + c];
                        for (down = row - kernel / 2; down <= row + kernel / 2; down++) {
                            for (across = column - kernel / 2; across <= column + kernel / 2; across++) {
                                if (down < 0 || down >= height || across < 0 || across >= width)
                                    continue;
                                if (x[(down * width + across) * channels + c] > most)
                                    most = x[(down * width + across) * channels + c];
                            }
                        }
                        *y++ = most;
                    }
                }
            }
        }

        """

    /// Each channel of a map times the hard sigmoid of its gate; y may be x.
    static let gate = """
        static void gate(const float *x, const float *gates, float *y, int rows, int columns)
        {
            int r, c;
            for (r = 0; r < rows; r++) {
                for (c = 0; c < columns; c++) {
                    float g = gates[c] + 3;
                    y[r * columns + c] = x[r * columns + c] * ((g < 0 ? 0 : g > 6 ? 6 : g) / 6);
                }
            }
        }

        """

    /// Inputs normalised, column by column.
    static let normalise = """
        static void normalise(const float *x, const float *mean, const float *deviation, float *y, int count, int columns)
        {
            int i;
            for (i = 0; i < count; i++)
                y[i] = (x[i] - mean[i % columns]) / deviation[i % columns];
        }

        """

    /// Outputs in the units of the data.
    static let scale = """
        static void rescale(float *y, const float *mean, const float *deviation, int count)
        {
            int i;
            for (i = 0; i < count; i++)
                y[i] = y[i] * deviation[i] + mean[i];
        }

        """
}

/// What follows a weight and its bias, by its name in C.
enum CActivation: String, CaseIterable {
    case identity = "IDENTITY"
    case gelu = "GELU"
    case relu = "RELU"
    case relu6 = "RELU6"
    case hardSwish = "HARD_SWISH"
    case swish = "SWISH"

    /// Of x.
    var formula: String {
        switch self {
        case .identity: "x"
        case .gelu: "0.5f * x * (1 + erff(x * 0.70710678f))"
        case .relu: "x > 0 ? x : 0"
        case .relu6: "x > 0 ? (x < 6 ? x : 6) : 0"
        case .hardSwish: "x * (x > -3 ? (x < 3 ? x + 3 : 6) : 0) / 6"
        case .swish: "x / (1 + expf(-x))"
        }
    }

    /// What of the mathematical library it needs; nil for nothing.
    var library: String? {
        switch self {
        case .gelu: "erff"
        case .swish: "expf"
        default: nil
        }
    }
}
