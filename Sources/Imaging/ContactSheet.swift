// Photos and their sketches on one white page, each with a caption: what a demonstration leaves behind.
//
// Every picture is brought into the same square, keeping its aspect; columns are as wide as their widest
// picture, rows as high as their highest. A hairline around each picture keeps white sketches visible.

/// Rows of captioned pictures, to be composed into one.
public struct ContactSheet: Sendable {
    /// A picture and what is written under it.
    public struct Cell: Sendable {
        public var picture: Raster
        public var caption: String

        public init(_ picture: Raster, caption: String = "") {
            self.picture = picture
            self.caption = caption
        }
    }

    public var rows: [[Cell]]
    /// Longer side of every picture on the sheet, in pixels.
    public var pictureSide: Int
    /// Number of rows above the dividing line, as when the example stands above what was made from it; nil for none.
    public var dividerAfter: Int?

    private let margin = 28
    private let columnGap = 16
    private let rowGap = 24
    private let captionGap = 8
    private let lineShade: UInt8 = 190
    private let textShade: UInt8 = 50

    public init(rows: [[Cell]], pictureSide: Int = 384, dividerAfter: Int? = nil) {
        self.rows = rows.filter { !$0.isEmpty }
        self.pictureSide = pictureSide
        self.dividerAfter = dividerAfter
    }

    /// Draws the sheet.
    ///
    /// - Throws: ``ImagingError/tooLarge(width:height:)`` when there are more rows than a picture can hold.
    public func composed() throws(ImagingError) -> Raster {
        let placed = rows.map { row in
            row.map { Cell($0.picture.fitted(longSide: pictureSide), caption: $0.caption) }
        }
        let columns = ContactSheet.columnWidths(placed)
        let captions = placed.map { row in
            row.enumerated().map { BitmapFont.wrapped($1.caption, width: columns[$0]) }
        }
        let heights = zip(placed, captions).map(rowHeight)
        let width = 2 * margin + columns.reduce(0, +) + columnGap * max(columns.count - 1, 0)
        let dividers = hasDivider ? rowGap : 0
        let height = 2 * margin + heights.reduce(0, +) + rowGap * max(heights.count - 1, 0) + dividers
        guard max(width, height) <= Limits.maximumSide, width * height <= Limits.maximumSheetPixels else {
            throw .tooLarge(width: width, height: height, limit: Limits.maximumSheetPixels)
        }
        var sheet = Raster(width: width, height: height, red: 255, green: 255, blue: 255)
        var top = margin
        for (index, row) in placed.enumerated() {
            if hasDivider, index == dividerAfter {
                fill(&sheet, x: margin, y: top, width: width - 2 * margin, height: 1)
                top += rowGap
            }
            draw(row, captions[index], columns, top: top, into: &sheet)
            top += heights[index] + rowGap
        }
        return sheet
    }

    /// A photo and its sketch side by side on white, the longer side of each `side` pixels: how a style is shown
    /// in a list.
    public static func pair(photo: Raster, sketch: Raster, side: Int = 256) -> Raster {
        let gap = 8
        let left = photo.fitted(longSide: side)
        let right = sketch.fitted(longSide: side)
        let height = max(left.height, right.height)
        var pair = Raster(width: left.width + gap + right.width, height: height, red: 255, green: 255, blue: 255)
        pair.paste(left, x: 0, y: (height - left.height) / 2)
        pair.paste(right, x: left.width + gap, y: (height - right.height) / 2)
        return pair
    }

    private var hasDivider: Bool { dividerAfter.map { (1..<max(rows.count, 1)).contains($0) } ?? false }

    private static func columnWidths(_ rows: [[Cell]]) -> [Int] {
        let count = rows.map(\.count).max() ?? 0
        return (0..<count).map { column in
            rows.filter { $0.count > column }.map { $0[column].picture.width }.max() ?? 0
        }
    }

    private func rowHeight(_ row: [Cell], _ captions: [[String]]) -> Int {
        let pictures = row.map(\.picture.height).max() ?? 0
        let lines = captions.map(\.count).max() ?? 0
        return pictures + (lines > 0 ? captionGap + lines * BitmapFont.lineHeight : 0)
    }

    /// Pictures are centred in their columns, captions stand under the row at the columns' left edges.
    private func draw(_ row: [Cell], _ captions: [[String]], _ columns: [Int], top: Int, into sheet: inout Raster) {
        let captionTop = top + (row.map(\.picture.height).max() ?? 0) + captionGap
        var left = margin
        for (column, cell) in row.enumerated() {
            let picture = cell.picture
            let x = left + (columns[column] - picture.width) / 2
            fill(&sheet, x: x - 1, y: top - 1, width: picture.width + 2, height: picture.height + 2)
            sheet.paste(picture, x: x, y: top)
            for (index, line) in captions[column].enumerated() {
                let y = captionTop + index * BitmapFont.lineHeight
                BitmapFont.write(line, into: &sheet, x: left, y: y, shade: textShade)
            }
            left += columns[column] + columnGap
        }
    }

    /// A rectangle in the shade of lines.
    private func fill(_ sheet: inout Raster, x: Int, y: Int, width: Int, height: Int) {
        let shade = lineShade
        sheet.paste(Raster(width: width, height: height, red: shade, green: shade, blue: shade), x: x, y: y)
    }
}
