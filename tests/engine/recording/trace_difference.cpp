// SPDX-License-Identifier: MIT
#include "tests/engine/recording/trace_difference.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

namespace depthscope::tests {

using trace::StepTrace;

namespace {

template <class Value>
bool sameBits(const std::vector<Value>& one, const std::vector<Value>& other) {
    return one.size() == other.size() &&
           (one.empty() || std::memcmp(one.data(), other.data(), one.size() * sizeof(Value)) == 0);
}

bool sameBits(double one, double other) {
    return std::bit_cast<std::uint64_t>(one) == std::bit_cast<std::uint64_t>(other);
}

bool sameFractions(const std::vector<Fraction>& one, const std::vector<Fraction>& other) {
    return sameBits(one, other); // as written: 2/4 comes back as 2/4
}

bool same(const trace::KvMemory& one, const trace::KvMemory& other) {
    bool isSame = one.groups.size() == other.groups.size() &&
                  one.measuredBytes == other.measuredBytes &&
                  one.reservedBytes == other.reservedBytes &&
                  one.predictedBytes == other.predictedBytes && one.fullBytes == other.fullBytes;
    for (std::size_t g = 0; isSame && g < one.groups.size(); ++g) {
        isSame = one.groups[g].recursion == other.groups[g].recursion &&
                 one.groups[g].bytesPerToken == other.groups[g].bytesPerToken &&
                 one.groups[g].entries == other.groups[g].entries;
    }
    return isSame;
}

bool same(const std::vector<trace::StageCost>& one, const std::vector<trace::StageCost>& other) {
    return std::ranges::equal(one, other, [](const trace::StageCost& a, const trace::StageCost& b) {
        return a.recursion == b.recursion && a.tokens == b.tokens &&
               sameBits(a.milliseconds, b.milliseconds);
    });
}

bool same(const trace::StepCost& one, const trace::StepCost& other) {
    return sameBits(one.flops, other.flops) && sameBits(one.fullFlops, other.fullFlops) &&
           sameBits(one.milliseconds, other.milliseconds) && one.syncs == other.syncs &&
           one.traced == other.traced && one.rounds == other.rounds &&
           sameBits(double{one.roundsSpread}, double{other.roundsSpread}) &&
           sameBits(one.routedMilliseconds, other.routedMilliseconds) &&
           same(one.stages, other.stages) &&
           sameBits(one.beganMilliseconds, other.beganMilliseconds);
}

bool same(const std::vector<trace::ExpertChoices>& one,
          const std::vector<trace::ExpertChoices>& other) {
    bool isSame = one.size() == other.size();
    for (std::size_t i = 0; isSame && i < one.size(); ++i) {
        isSame = one[i].sameLayer(other[i]) && sameBits(one[i].offsets, other[i].offsets) &&
                 sameBits(one[i].index, other[i].index) && sameBits(one[i].weight, other[i].weight);
    }
    return isSame;
}

bool sameFlops(const spec::ModelInfo& one, const spec::ModelInfo& other) {
    bool isSame = one.flopsByPosition.size() == other.flopsByPosition.size();
    for (std::size_t p = 0; isSame && p < one.flopsByPosition.size(); ++p) {
        isSame = one.flopsByPosition[p].first == other.flopsByPosition[p].first &&
                 sameBits(one.flopsByPosition[p].second, other.flopsByPosition[p].second);
    }
    return isSame;
}

bool same(const spec::ModelInfo& one, const spec::ModelInfo& other) {
    bool isSame = one.parts.size() == other.parts.size();
    for (std::size_t p = 0; isSame && p < one.parts.size(); ++p) {
        isSame = one.parts[p].name == other.parts[p].name &&
                 one.parts[p].count == other.parts[p].count &&
                 one.parts[p].sharedBy == other.parts[p].sharedBy;
    }
    return isSame && one.name == other.name && one.folder == other.folder &&
           one.family == other.family && one.dtype == other.dtype && one.device == other.device &&
           one.kernels == other.kernels && one.router == other.router &&
           one.routerFunction == other.routerFunction && one.parameters == other.parameters &&
           one.layers == other.layers && one.recursions == other.recursions &&
           one.blockLayers == other.blockLayers && one.unsharedLayers == other.unsharedLayers &&
           one.contextLength == other.contextLength && one.vocabulary == other.vocabulary &&
           one.experts == other.experts && one.expertsPerToken == other.expertsPerToken &&
           one.expertNames == other.expertNames && one.clip == other.clip &&
           one.passRules == other.passRules && one.generationRules == other.generationRules &&
           one.kvPolicies == other.kvPolicies && one.hasTokenizer == other.hasTokenizer &&
           sameFractions(one.trainedCapacity, other.trainedCapacity) &&
           one.sharedSlots == other.sharedSlots && sameFlops(one, other) &&
           one.trainedKv == other.trainedKv && one.notes == other.notes &&
           one.recipe == other.recipe;
}

bool same(const trace::ClassSetPtr& one, const trace::ClassSetPtr& other) {
    return one && other ? *one == *other : one == other;
}

using Fields = std::vector<std::pair<const char*, bool>>;

std::string firstDifference(const Fields& fields) {
    for (const auto& [name, isSame] : fields) {
        if (!isSame) {
            return name;
        }
    }
    return {};
}

std::string differenceOf(const trace::RoutingStep& one, const trace::RoutingStep& other) {
    return firstDifference({
        {"layout", one.layout == other.layout},
        {"firstPlace", one.firstPlace == other.firstPlace},
        {"recursions", one.recursions == other.recursions},
        {"depth", sameBits(one.depth, other.depth)},
        {"scores", sameBits(one.scores, other.scores)},
        {"classes", sameBits(one.classes, other.classes)},
        {"classSet", same(one.classSet, other.classSet)},
        {"experts", same(one.experts, other.experts)},
        {"kv", same(one.kv, other.kv)},
        {"cost", same(one.cost, other.cost)},
        {"aux", sameBits(one.losses.aux, other.losses.aux)},
        {"balance", sameBits(one.losses.balance, other.losses.balance)},
        {"z", sameBits(one.losses.z, other.losses.z)},
        {"noiseLevel", sameBits(one.noiseLevel, other.noiseLevel)},
    });
}

std::string differenceOf(const trace::TextContent& one, const trace::TextContent& other) {
    return firstDifference({
        {"ids", sameBits(one.ids, other.ids)},
        {"nll", sameBits(one.nll, other.nll)},
        {"text", one.text == other.text},
        {"pieceEnds", sameBits(one.pieceEnds, other.pieceEnds)},
        {"loss", sameBits(one.loss, other.loss)},
    });
}

bool same(const std::vector<trace::PicturePacket>& one,
          const std::vector<trace::PicturePacket>& other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](const trace::PicturePacket& a, const trace::PicturePacket& b) {
                          return a.pts == b.pts && a.bytes == b.bytes;
                      });
}

/// Of what is stored: pictures are not.
std::string differenceOf(const trace::ClipContent& one, const trace::ClipContent& other) {
    return firstDifference({
        {"rate", one.rate == other.rate},
        {"firstFrame", one.firstFrame == other.firstFrame},
        {"contextFrames", one.contextFrames == other.contextFrames},
        {"source", one.source == other.source},
        {"psnr", sameBits(one.psnr, other.psnr)},
        {"psnrCopyLast", sameBits(one.psnrCopyLast, other.psnrCopyLast)},
        {"codec", one.codec.name == other.codec.name},
        {"width", one.codec.width == other.codec.width},
        {"height", one.codec.height == other.codec.height},
        {"extradata", one.codec.extradata == other.codec.extradata},
        {"packets", same(one.packets, other.packets)},
    });
}

} // namespace

std::string differenceOf(const StepTrace& one, const StepTrace& other) {
    const std::string header = firstDifference({
        {"run", one.run == other.run},
        {"step", one.step == other.step},
        {"kind", one.kind == other.kind},
        {"key", one.key == other.key},
        {"revision", one.revision == other.revision},
        {"model", same(*one.model, *other.model)},
        {"settings", one.settings == other.settings},
        {"tau", sameBits(one.settings.tau, other.settings.tau)},
        {"capacity", sameFractions(one.settings.capacity, other.settings.capacity)},
        {"causal", one.causal == other.causal},
        {"offDistribution", one.offDistribution == other.offDistribution},
        {"notice", one.notice == other.notice},
        {"content", one.content.index() == other.content.index()},
    });
    if (!header.empty()) {
        return header;
    }
    const std::string routing = differenceOf(one.routing, other.routing);
    if (routing.empty() && one.clip() != nullptr) {
        return differenceOf(*one.clip(), *other.clip());
    }
    if (!routing.empty() || one.text() == nullptr) {
        return routing;
    }
    return differenceOf(*one.text(), *other.text());
}

} // namespace depthscope::tests
