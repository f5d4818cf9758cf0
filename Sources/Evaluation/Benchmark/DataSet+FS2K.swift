// FS2K sorts its folders by where the photos came from; which artist's style a sketch has, its annotations say.
import Foundation

extension DataSet {
    private struct Annotation: Decodable {
        /// As in `photo1/image0110`.
        let name: String
        /// 0, 1 or 2.
        let style: Int

        enum CodingKeys: String, CodingKey {
            case name = "image_name"
            case style
        }
    }

    /// The pairs anew, one family for each annotated style.
    static func styled(_ families: [Family], _ annotations: [Data], _ rejected: inout [Rejection]) -> [Family] {
        var styles: [String: Int] = [:]
        for data in annotations {
            guard let list = try? JSONDecoder().decode([Annotation].self, from: data) else {
                rejected.append(Rejection("annotations", "one of them is no list with image_name and style"))
                continue
            }
            for item in list { styles[item.name] = item.style }
        }
        var pairs: [Int: [Pair]] = [:]
        for pair in families.flatMap(\.pairs) {
            let key = pair.photo.split(separator: "/").suffix(2).joined(separator: "/").replacing(
                #/\.[^.]*$/#, with: "")
            guard let style = styles[key] else {
                rejected.append(Rejection(pair.photo, "has no style in the annotations"))
                continue
            }
            let name = key.replacing("/", with: "-")
            pairs[style, default: []].append(Pair(name: name, photo: pair.photo, sketch: pair.sketch))
        }
        return pairs.map { Family(name: "style\($0 + 1)", pairs: $1) }
    }
}
