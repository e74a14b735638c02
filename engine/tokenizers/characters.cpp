// SPDX-License-Identifier: MIT
#include "engine/tokenizers/characters.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

namespace depthscope::tokenizers {

namespace {

bool isIn(std::uint32_t codePoint, std::uint32_t categories) {
    return (U_GET_GC_MASK(static_cast<UChar32>(codePoint)) & categories) != 0;
}

} // namespace

bool isWordCharacter(std::uint32_t codePoint) {
    const auto code = static_cast<UChar32>(codePoint);
    return isIn(codePoint, U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK) ||
           u_hasBinaryProperty(code, UCHAR_ALPHABETIC) != 0 ||
           u_hasBinaryProperty(code, UCHAR_JOIN_CONTROL) != 0;
}

bool isPunctuation(std::uint32_t codePoint) {
    return isIn(codePoint, codePoint < 0x80 ? U_GC_P_MASK | U_GC_S_MASK : U_GC_P_MASK);
}

bool isNumeric(std::uint32_t codePoint) {
    return isIn(codePoint, U_GC_N_MASK);
}

bool isMark(std::uint32_t codePoint) {
    return isIn(codePoint, U_GC_M_MASK);
}

int scriptOf(std::uint32_t codePoint) {
    constexpr std::uint32_t kLongVowel = 0x30fc;
    if (codePoint == ' ') {
        return kAnyScript;
    }
    UErrorCode status = U_ZERO_ERROR;
    const int script = uscript_getScript(static_cast<UChar32>(codePoint), &status);
    if (script == USCRIPT_UNKNOWN) {
        return kAnyScript;
    }
    const bool kana = script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA;
    return kana || codePoint == kLongVowel ? static_cast<int>(USCRIPT_HAN) : script;
}

} // namespace depthscope::tokenizers
