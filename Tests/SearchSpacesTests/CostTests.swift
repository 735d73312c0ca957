import SearchSpaces
import Testing

@Suite struct CostTests {
    // n = 50 tokens, d = 64, a = 64, m = 128. A block: 614 400 + 320 000 + 204 800 + 819 200 multiply-adds,
    // 12 480 + 4 160 + 8 320 + 8 256 + 256 params. Four of them, then 50 176 + 640 multiply-adds and
    // 1 088 + 64 + 3 200 + 128 + 650 params.
    @Test func smallestMNIST() throws {
        let space = try space("vit-mnist")
        #expect(space.cost(of: space.smallest).values.prefix(2) == [139_018, 7_884_416])
    }

    // d = 128, a = 128, m = 512. A block: 2 457 600 + 640 000 + 819 200 + 6 553 600 multiply-adds,
    // 49 536 + 16 512 + 66 048 + 65 664 + 512 params. Six of them, then 100 352 + 1 280 and
    // 2 176 + 128 + 6 400 + 256 + 1 290.
    @Test func largestMNIST() throws {
        let space = try space("vit-mnist")
        #expect(space.cost(of: space.largest).values.prefix(2) == [1_199_882, 62_924_032])
    }

    // n = 197, d = 192, a = 192, m = 672. A block: 21 786 624 + 14 902 656 + 7 262 208 + 50 835 456 multiply-adds,
    // 111 168 + 37 056 + 129 696 + 129 216 + 768 params. Twelve of them, then 28 901 376 + 192 000 and
    // 147 648 + 192 + 37 824 + 384 + 193 000.
    @Test func smallestAutoFormerTiny() throws {
        let space = try space("vit-autoformer-tiny")
        #expect(space.cost(of: space.smallest).values.prefix(2) == [5_273_896, 1_166_536_704])
    }

    // d = 240, a = 256, m = 960. A block: 36 311 040 + 19 870 208 + 12 103 680 + 90 777 600 multiply-adds,
    // 185 088 + 61 680 + 231 360 + 230 640 + 960 params. Fourteen of them, then 36 126 720 + 240 000 and
    // 184 560 + 240 + 47 280 + 480 + 241 000.
    @Test func largestAutoFormerTiny() throws {
        let space = try space("vit-autoformer-tiny")
        #expect(space.cost(of: space.largest).values.prefix(2) == [10_409_752, 2_263_242_112])
    }

    @Test func geometry() throws {
        let space = try space("vit-mnist")
        let vit = try #require(space.vit)
        #expect(vit.tokens == 50)
        #expect(vit.patchValues == 16)
        #expect(
            vit.largest
                == ViTArchitecture(
                    embed: 128, heads: [Int](repeating: 4, count: 6), mlpHidden: [Int](repeating: 512, count: 6)))
        #expect(
            space.vit?.shape(of: space.smallest).architecture
                == ViTArchitecture(embed: 64, heads: [2, 2, 2, 2], mlpHidden: [128, 128, 128, 128]))
    }
}
