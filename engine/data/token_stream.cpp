// SPDX-License-Identifier: MIT
#include "engine/data/token_stream.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/base/text_file.h"
#include "engine/trace/graded_classes.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

namespace depthscope::data {

namespace {

constexpr std::string_view kMagic = "DSTOKENS";
constexpr std::size_t kHeaderBytes = 40;
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kLargestVocabulary = 1U << 24U;
constexpr std::uint32_t kLargestShortVocabulary = 65536;

/// Ids are written and read in blocks of this many, so that memory is needed only once.
constexpr std::size_t kBlock = 1U << 18U;

std::uint64_t load(std::string_view bytes, std::size_t at, std::size_t count) {
    std::uint64_t number = 0;
    for (std::size_t i = count; i-- > 0;) {
        number = (number << 8U) | static_cast<unsigned char>(bytes[at + i]);
    }
    return number;
}

void append(std::string& bytes, std::uint64_t number, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        bytes.push_back(static_cast<char>((number >> (8 * i)) & 0xffU));
    }
}

std::size_t idBytesOf(std::uint64_t vocabulary) {
    return vocabulary <= kLargestShortVocabulary ? 2 : 4;
}

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& reason) {
    throw Error(ErrorCode::BadInput, fmt::format("{}: {}", file.string(), reason),
                "Create it with tokenizer encode MODEL --text-file F --out F.bin.");
}

struct Header {
    std::uint32_t vocabularySize = 0;
    std::uint64_t vocabularyHash = 0;
    std::uint64_t count = 0;
    std::size_t idBytes = 0;
    bool hasClasses = false;
};

Header readHeader(const std::filesystem::path& name, const TextFile& file) {
    if (file.size() < kHeaderBytes) {
        fail(name, "is too short for a token stream");
    }
    const std::string bytes = file.read(0, kHeaderBytes);
    if (!bytes.starts_with(kMagic)) {
        fail(name, "is not a token stream (bad magic number)");
    }
    if (load(bytes, 8, 4) != kVersion) {
        fail(name, fmt::format("has version {}; this program reads version 1", load(bytes, 8, 4)));
    }
    Header header;
    const std::uint64_t vocabulary = load(bytes, 12, 4);
    if (vocabulary == 0 || vocabulary > kLargestVocabulary) {
        fail(name, fmt::format("vocabulary size: must not be {}", vocabulary));
    }
    header.vocabularySize = static_cast<std::uint32_t>(vocabulary);
    header.vocabularyHash = load(bytes, 16, 8);
    header.count = load(bytes, 24, 8);
    header.idBytes = idBytesOf(vocabulary);
    if (load(bytes, 32, 4) != header.idBytes) {
        fail(name, fmt::format("bytes per id: {} does not match the vocabulary size",
                               load(bytes, 32, 4)));
    }
    const std::uint64_t classes = load(bytes, 36, 4);
    if (classes > 1) {
        fail(name, fmt::format("has classes: must be 0 or 1, not {}", classes));
    }
    header.hasClasses = classes == 1;
    const std::uint64_t body = file.size() - kHeaderBytes;
    const std::uint64_t each = header.idBytes + classes;
    if (header.count > body / each || header.count * each != body) {
        fail(name, fmt::format("count: {} tokens do not match its {} bytes", header.count, body));
    }
    return header;
}

} // namespace

void writeTokenStream(const std::filesystem::path& file, const TokenStream& stream) {
    const Tokens& tokens = stream.tokens;
    const bool hasClasses = !tokens.classes.empty();
    if (hasClasses && tokens.classes.size() != tokens.ids.size()) {
        throw Error(ErrorCode::Internal, fmt::format("{}: needs one class per id", file.string()));
    }
    const auto vocabulary = static_cast<std::uint32_t>(stream.vocabularySize);
    const std::size_t idBytes = idBytesOf(vocabulary);
    AtomicFile out(file);
    std::string bytes(kMagic);
    append(bytes, kVersion, 4);
    append(bytes, vocabulary, 4);
    append(bytes, stream.vocabularyHash, 8);
    append(bytes, tokens.ids.size(), 8);
    append(bytes, idBytes, 4);
    append(bytes, hasClasses ? 1 : 0, 4);
    for (std::size_t i = 0; i < tokens.ids.size(); ++i) {
        if (tokens.ids[i] < 0 || tokens.ids[i] >= stream.vocabularySize) {
            fail(file, fmt::format("id {} is outside the vocabulary", tokens.ids[i]));
        }
        append(bytes, static_cast<std::uint32_t>(tokens.ids[i]), idBytes);
        if (bytes.size() >= kBlock * idBytes) {
            out.write(bytes);
            bytes.clear();
        }
    }
    out.write(bytes);
    if (hasClasses) {
        out.write(tokens.classes.data(), tokens.classes.size());
    }
    out.commit();
}

TokenStream readTokenStream(const std::filesystem::path& name) {
    const TextFile file(name);
    const Header header = readHeader(name, file);
    TokenStream stream;
    stream.vocabularyHash = header.vocabularyHash;
    stream.vocabularySize = static_cast<std::int32_t>(header.vocabularySize);
    std::vector<std::int32_t>& ids = stream.tokens.ids;
    ids.reserve(header.count);
    std::uint64_t at = kHeaderBytes;
    while (ids.size() < header.count) {
        const std::size_t block = std::min<std::size_t>(kBlock, header.count - ids.size());
        const std::string bytes = file.read(at, block * header.idBytes);
        for (std::size_t i = 0; i < block; ++i) {
            const std::uint64_t id = load(bytes, i * header.idBytes, header.idBytes);
            if (id >= header.vocabularySize) {
                fail(name,
                     fmt::format("token {}: the id {} is outside the vocabulary", ids.size(), id));
            }
            ids.push_back(static_cast<std::int32_t>(id));
        }
        at += bytes.size();
    }
    if (header.hasClasses) {
        const std::string bytes = file.read(at, header.count);
        stream.tokens.classes.assign(bytes.begin(), bytes.end());
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const std::uint8_t number = stream.tokens.classes[i];
            if (!trace::gradedClasses()->holds(number)) {
                fail(name, fmt::format("token {}: unknown class {}", i, number));
            }
        }
    }
    return stream;
}

void checkVocabulary(const std::filesystem::path& file,
                     const TokenStream& stream,
                     const tokenizers::Tokenizer& tokenizer) {
    if (stream.vocabularyHash != tokenizer.hash() || stream.vocabularySize != tokenizer.size()) {
        throw Error(
            ErrorCode::BadInput,
            fmt::format("{}: was created with a different tokenizer (vocabulary of {}, not {})",
                        file.string(), stream.vocabularySize, tokenizer.size()),
            "Encode the text again with this model's tokenizer.");
    }
}

} // namespace depthscope::data
