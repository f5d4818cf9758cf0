// The files of a CLIP tokenizer: vocabulary, merges, and which tokens are special.
//
// `vocab.json` and `merges.txt` where both are present, otherwise the same from `tokenizer.json`. The special tokens'
// texts come from `tokenizer_config.json` and `special_tokens_map.json`, with CLIP's as defaults.

import Foundation

struct CLIPVocabulary: Sendable {
    /// A token that stands for itself in a prompt and is never split.
    struct Special: Sendable, Equatable {
        let text: String
        let id: Int32
    }

    let ids: [String: Int32]
    let merges: [(String, String)]
    let start: Special
    let end: Special
    let padding: Special
    let unknown: Special
    let maximumLength: Int

    private static let startText = "<|startoftext|>"
    private static let endText = "<|endoftext|>"
    private static let standardLength = 77

    init(folder: String) throws(EngineError) {
        let names = ["vocab.json", "merges.txt", "tokenizer.json"].map { "\(folder)/\($0)" }
        if access(names[0], R_OK) == 0, access(names[1], R_OK) == 0 {
            ids = try Self.ids(JSONFile(contentsOf: names[0]))
            merges = try Self.merges(text: names[1])
        } else if access(names[2], R_OK) == 0 {
            (ids, merges) = try Self.combined(JSONFile(contentsOf: names[2]))
        } else {
            throw EngineError.unreadable(
                file: folder, detail: "neither vocab.json with merges.txt nor tokenizer.json is there")
        }
        var settings: [String: JSONValue] = [:]
        for name in ["special_tokens_map.json", "tokenizer_config.json"] where access("\(folder)/\(name)", R_OK) == 0 {
            settings.merge(try JSONFile(contentsOf: "\(folder)/\(name)").members) { $1 }
        }
        let file = JSONFile(path: "\(folder)/tokenizer_config.json", members: settings)
        start = try Self.special(file, "bos_token", Self.startText, ids)
        end = try Self.special(file, "eos_token", Self.endText, ids)
        padding = try Self.special(file, "pad_token", Self.endText, ids)
        unknown = try Self.special(file, "unk_token", Self.endText, ids)
        // Tokenizers without a limit write an enormous number.
        let length = file.present("model_max_length")?.integer ?? Self.standardLength
        maximumLength = (3...Limits.promptTokens).contains(length) ? length : Self.standardLength
    }

    private static func ids(_ file: JSONFile) throws(EngineError) -> [String: Int32] {
        var ids: [String: Int32] = [:]
        ids.reserveCapacity(file.members.count)
        for (token, value) in file.members {
            guard let id = value.integer.flatMap({ Int32(exactly: $0) }), id >= 0 else {
                throw file.fault(token, "the id of a token is expected")
            }
            ids[token] = id
        }
        return ids
    }

    private static func merges(text path: String) throws(EngineError) -> [(String, String)] {
        guard let text = String(validating: try JSONFile.bytes(of: path), as: UTF8.self) else {
            throw EngineError.malformed(file: path, detail: "it is not UTF-8")
        }
        var merges: [(String, String)] = []
        for (number, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            if number == 0, line.hasPrefix("#version") { continue }
            let parts = line.split(separator: " ")
            guard parts.count == 2 else {
                throw EngineError.malformed(file: path, detail: "'\(line)' is not a pair of symbols")
            }
            merges.append((String(parts[0]), String(parts[1])))
        }
        return merges
    }

    /// `tokenizer.json`: merges are pairs, in older files strings with a space.
    private static func combined(_ file: JSONFile) throws(EngineError) -> ([String: Int32], [(String, String)]) {
        guard let model = file.members["model"]?.object, let vocabulary = model["vocab"]?.object,
            let pairs = model["merges"]?.array
        else { throw EngineError.malformed(file: file.path, detail: "it has no model with vocab and merges") }
        var ids = try ids(JSONFile(path: file.path, members: vocabulary))
        for token in file.members["added_tokens"]?.array ?? [] {
            guard let text = token.object?["content"]?.string, let id = token.object?["id"]?.integer else { continue }
            ids[text] = Int32(exactly: id)
        }
        var merges: [(String, String)] = []
        for pair in pairs {
            let parts = pair.array?.compactMap(\.string) ?? pair.string?.split(separator: " ").map(String.init) ?? []
            guard parts.count == 2 else {
                throw EngineError.malformed(file: file.path, detail: "the merge \(pair) is not a pair of symbols")
            }
            merges.append((parts[0], parts[1]))
        }
        return (ids, merges)
    }

    /// A special token's text is given as a string or as an object with `content`.
    private static func special(
        _ file: JSONFile, _ key: String, _ standard: String, _ ids: [String: Int32]
    ) throws(EngineError) -> Special {
        let value = file.present(key)
        let text = value?.string ?? value?.object?["content"]?.string ?? standard
        guard let id = ids[text] else { throw file.fault(key, "the vocabulary has no token '\(text)'") }
        return Special(text: text, id: id)
    }
}
