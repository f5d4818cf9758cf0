// A small fixed-width font, so that a contact sheet needs no font file and no text library.

/// Writes lines of ASCII into a picture; any other character becomes a box.
struct BitmapFont {
    /// Pixels of the picture a pixel of the font takes, each way.
    static let scale = 2
    /// Steps from one character and one line to the next, in pixels of the picture.
    static let advance = 6 * scale
    static let lineHeight = 12 * scale
    /// From the top of a line to the top of its capitals.
    private static let ascent = 1 * scale

    /// A character's rows; the fifth bit is its leftmost pixel.
    private static let glyphs: [Character: [UInt8]] = {
        var glyphs: [Character: [UInt8]] = [" ": []]
        for line in drawing.split(separator: "\n") {
            let parts = line.split(separator: " ")
            glyphs[line.first!] = parts.dropFirst().map { row in
                row.reduce(0) { $0 << 1 | ($1 == "#" ? 1 : 0) }
            }
        }
        return glyphs
    }()

    /// Stands for what the font does not have.
    private static let box: [UInt8] = [31, 17, 17, 17, 17, 17, 31]

    /// `text` in lines of at most `width` pixels, broken at spaces, or inside a word longer than a line.
    /// What does not fit in `lines` lines is cut, and an ellipsis says so.
    static func wrapped(_ text: String, width: Int, lines: Int = Limits.captionLines) -> [String] {
        let columns = max(width / advance, 4)
        var wrapped: [String] = []
        var line = ""
        for word in text.split(whereSeparator: \.isWhitespace) {
            if !line.isEmpty, line.count + 1 + word.count <= columns {
                line += " " + word
                continue
            }
            if !line.isEmpty { wrapped.append(line) }
            line = String(word)
            while line.count > columns {
                wrapped.append(String(line.prefix(columns)))
                line.removeFirst(columns)
            }
        }
        if !line.isEmpty { wrapped.append(line) }
        if wrapped.count > lines {
            wrapped = Array(wrapped.prefix(lines))
            wrapped[lines - 1] = wrapped[lines - 1].prefix(columns - 3) + "..."
        }
        return wrapped
    }

    /// Writes one line with its top left at (`x`, `y`); pixels outside the picture are left out.
    static func write(_ line: String, into picture: inout Raster, x: Int, y: Int, shade: UInt8) {
        for (index, character) in line.enumerated() {
            let left = x + index * advance
            for (row, bits) in (glyphs[character] ?? box).enumerated() {
                for column in 0..<5 where bits >> (4 - column) & 1 == 1 {
                    fill(&picture, left + column * scale, y + ascent + row * scale, shade)
                }
            }
        }
    }

    /// One pixel of the font.
    private static func fill(_ picture: inout Raster, _ left: Int, _ top: Int, _ shade: UInt8) {
        for y in max(top, 0)..<max(min(top + scale, picture.height), max(top, 0)) {
            for x in max(left, 0)..<max(min(left + scale, picture.width), max(left, 0)) {
                let at = 3 * (y * picture.width + x)
                for channel in at..<at + 3 { picture.pixels[channel] = shade }
            }
        }
    }
}
