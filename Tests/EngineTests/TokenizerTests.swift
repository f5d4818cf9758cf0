// The tokenizer against the ids that transformers gives.

import Foundation
import LimnerEngine
import Testing

private struct TokenCase: CustomTestStringConvertible, Sendable {
    let text: String
    let ids: [Int]
    let tokens: [Int]

    var testDescription: String { String(text.prefix(30)) }

    static let all: [TokenCase] = {
        let cases = try? Fixture.json("tokens-extra.json")["cases"]?.array
        return (cases ?? []).compactMap { value in
            guard let members = value.object, let text = members["text"]?.string, let ids = members["ids"]?.integers,
                let tokens = members["tokens"]?.integers
            else { return nil }
            return TokenCase(text: text, ids: ids, tokens: tokens)
        }
    }()
}

@Suite("Tokenizer")
struct TokenizerTests {
    private let tokenizer: CLIPTokenizer

    init() throws { tokenizer = try CLIPTokenizer(folder: "\(Fixture.model)/tokenizer") }

    @Test("the golden prompts have the golden ids")
    func golden() throws {
        let prompts = try #require(Fixture.settings()["prompts"]?.array).compactMap(\.string)
        #expect(prompts.count == 5)
        #expect(prompts.flatMap(tokenizer.encode) == (try Fixture.golden().integers("tok.ids")))
    }

    @Test("all forty odd prompts are there")
    func count() { #expect(TokenCase.all.count == 40) }

    @Test("an odd prompt is padded and cut as transformers does", arguments: TokenCase.all)
    private func encode(_ odd: TokenCase) { #expect(tokenizer.encode(odd.text).map(Int.init) == odd.ids) }

    @Test("an odd prompt has the tokens that transformers finds", arguments: TokenCase.all)
    private func tokens(_ odd: TokenCase) { #expect(tokenizer.tokens(odd.text).map(Int.init) == odd.tokens) }
}

@Suite("Tokenizer files")
struct TokenizerFileTests {
    private static let source = "\(Fixture.model)/tokenizer"

    private func copy(_ names: [String], to folder: String) throws {
        for name in names {
            try FileManager.default.copyItem(atPath: "\(Self.source)/\(name)", toPath: "\(folder)/\(name)")
        }
    }

    @Test("tokenizer.json alone gives the same tokens")
    func combinedFile() throws {
        try Fixture.withFolder { folder in
            try copy(["tokenizer.json", "tokenizer_config.json"], to: folder)
            let (whole, alone) = (try CLIPTokenizer(folder: Self.source), try CLIPTokenizer(folder: folder))
            for odd in TokenCase.all { #expect(alone.encode(odd.text) == whole.encode(odd.text)) }
        }
    }

    @Test("vocabulary and merges alone suffice, with CLIP's special tokens")
    func classicFiles() throws {
        try Fixture.withFolder { folder in
            try copy(["vocab.json", "merges.txt"], to: folder)
            let tokenizer = try CLIPTokenizer(folder: folder)
            #expect(tokenizer.maximumLength == 77 && tokenizer.startID == 539 && tokenizer.endID == 540)
        }
    }

    @Test("padding is by the token that the settings name")
    func padding() throws {
        try Fixture.withFolder { folder in
            try copy(["vocab.json", "merges.txt"], to: folder)
            let settings = #"{"pad_token": {"content": "!", "normalized": true}, "model_max_length": 5}"#
            try Data(settings.utf8).write(to: URL(filePath: "\(folder)/tokenizer_config.json"))
            #expect(try CLIPTokenizer(folder: folder).encode("") == [539, 540, 0, 0, 0])
        }
    }

    @Test(
        "missing files, ids that are none and merges that are none are refused",
        arguments: ["", "vocab.json", "merges.txt"])
    func damaged(_ name: String) throws {
        try Fixture.withFolder { folder in
            if !name.isEmpty {
                try copy(["vocab.json", "merges.txt"], to: folder)
                try Data(#"{"a": "b c d"}"#.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
            }
            #expect(throws: EngineError.self) { try CLIPTokenizer(folder: folder) }
        }
    }

    @Test("a word of a hundred thousand letters is cut in bounded time", .timeLimit(.minutes(1)))
    func longWord() throws {
        let tokenizer = try CLIPTokenizer(folder: Self.source)
        #expect(tokenizer.tokens(String(repeating: "watering", count: 12_500)).count > 10_000)
    }
}
