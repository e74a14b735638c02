// SPDX-License-Identifier: MIT
#include "engine/tokenizers/prompt_start.h"

#include <optional>
#include <string>

namespace depthscope::tokenizers {

namespace {

constexpr std::size_t kMaximumParts = 64;

void appendIds(const JsonField& processor,
               const JsonField& special,
               std::int32_t size,
               std::vector<std::int32_t>& ids) {
    const JsonField list =
        processor.at("special_tokens").at(special.at("id").string().c_str()).at("ids");
    for (std::size_t i = 0; i < list.arraySize(kMaximumParts); ++i) {
        ids.push_back(static_cast<std::int32_t>(list.item(i).integer(0, size - 1)));
    }
}

void appendTemplate(const JsonField& processor, std::int32_t size, std::vector<std::int32_t>& ids) {
    if (processor.string("type", "") != "TemplateProcessing") {
        return; // byte levels and the like move offsets only
    }
    const JsonField parts = processor.at("single");
    for (std::size_t i = 0; i < parts.arraySize(kMaximumParts); ++i) {
        const std::optional<JsonField> special = parts.item(i).find("SpecialToken");
        if (!special) {
            return; // the text itself
        }
        appendIds(processor, *special, size, ids);
    }
}

} // namespace

std::vector<std::int32_t> promptStartOf(const JsonField& root, std::int32_t size) {
    std::vector<std::int32_t> ids;
    const std::optional<JsonField> processor = root.find("post_processor");
    if (!processor) {
        return ids;
    }
    if (processor->string("type", "") == "Sequence") {
        const JsonField list = processor->at("processors");
        for (std::size_t i = 0; i < list.arraySize(kMaximumParts); ++i) {
            appendTemplate(list.item(i), size, ids);
        }
    } else {
        appendTemplate(*processor, size, ids);
    }
    return ids;
}

} // namespace depthscope::tokenizers
