// SPDX-License-Identifier: MIT
#include "engine/generate/batch_generator.h"

#include "engine/base/text.h"
#include "engine/spec/flops.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>

namespace depthscope::generate {

namespace {

/// Tokens of one recursion travel together where none can be at another.
settings::Batching batchingOf(const models::BatchedDecoder& decoder, settings::Batching asked) {
    return decoder.recurs() ? asked : settings::Batching::Sequence;
}

Error tooLarge(const BatchText& asked, double wanted, double allowed) {
    constexpr double kMebi = 1 << 20U;
    const auto tokens = static_cast<std::int64_t>(asked.ids.size()) + asked.generation.count;
    return {
        ErrorCode::OutOfMemory,
        fmt::format("keys and values of {} tokens can take {:.0f} MiB, which must be at most the "
                    "{:.0f} MiB that are allowed",
                    tokens, std::ceil(wanted / kMebi), std::floor(allowed / kMebi)),
        "Ask for fewer tokens, shorten the prompt, or allow more memory (--kv-memory)."};
}

void count(BatchFill& fill, std::size_t tokens, std::size_t rows) {
    if (tokens > 0) {
        fill.tokens += static_cast<std::int64_t>(tokens);
        fill.rows += static_cast<std::int64_t>(rows);
        ++fill.batches;
    }
}

} // namespace

struct BatchGenerator::Text {
    Text(BatchText text, nn::KvCache cache)
        : asked(std::move(text))
        , sequence(std::move(cache))
        , sampler(asked.generation) {
        result.number = asked.number;
    }

    BatchText asked;
    models::Sequence sequence;
    Sampler sampler;
    BatchResult result;
    models::Pass pass;                // of the prefill
    std::vector<std::int64_t> cached; // tokens that each recursion has kept so far
    double kvPromised = 0;
    bool isDecoding = false; // its token came back from the recursions
};

BatchGenerator::BatchGenerator(const models::LanguageModel& model,
                               spec::ResolvedRouting routing,
                               const settings::BatchSettings& settings,
                               Ends ends)
    : m_model(model)
    , m_routing(std::move(routing))
    , m_kvLimit(settings.kvBytes)
    , m_ends(std::move(ends))
    , m_decoder(model, m_routing)
    , m_scheduler(batchingOf(m_decoder, settings.batching), static_cast<std::size_t>(settings.rows))
    , m_rows(static_cast<std::size_t>(settings.rows)) {
    m_figures.recursions.resize(m_decoder.recurs() ? static_cast<std::size_t>(m_routing.depth) : 0);
    m_lanes.routing = m_routing.settings;
    m_lanes.batching = batchingOf(m_decoder, settings.batching);
    m_lanes.recursions = static_cast<int>(m_figures.recursions.size());
    m_lanes.rows = settings.rows;
    m_lanes.costs.resize(m_rows);
}

BatchGenerator::~BatchGenerator() = default;

/// With every token at full depth, and the head room of slots that have just grown.
double BatchGenerator::mostKvBytes(const BatchText& asked) const {
    const spec::LanguageSpec& config = m_model.config();
    const auto tokens = static_cast<std::int64_t>(asked.ids.size()) + asked.generation.count;
    constexpr std::int64_t kStep = 32;
    const std::int64_t room = tokens + tokens / 4 + kStep;
    std::int64_t entries = config.unsharedLayers() * room;
    for (int r = 0; config.sharesLayers() && r < m_routing.depth; ++r) {
        entries += config.blockLayers() * spec::kvEntries(m_routing.settings, r, room, room);
    }
    const auto elementBytes = static_cast<std::int64_t>(c10::elementSize(m_model.dtype()));
    return static_cast<double>(entries * spec::kvBytesPerLayer(config, elementBytes));
}

/// Begins the next text; false: there is none, or no room for it now.
bool BatchGenerator::admit() {
    if (!m_next && !m_exhausted) {
        m_next = m_ends.source();
        m_exhausted = !m_next;
    }
    if (!m_next) {
        return false;
    }
    const double wanted = mostKvBytes(*m_next);
    if (m_kvPromised + wanted > m_kvLimit && m_scheduler.inFlight() > 0) {
        return false;
    }
    m_entering =
        std::make_unique<Text>(*std::move(m_next), m_model.makeCache(m_routing.settings.kv));
    m_next.reset();
    Text& text = *m_entering;
    if (wanted > m_kvLimit) {
        end(text, tooLarge(text.asked, wanted, m_kvLimit));
        m_entering.reset();
        return true;
    }
    text.kvPromised = wanted;
    m_kvPromised += wanted;
    text.pass.ids = models::idsRow(text.asked.ids, m_model.device());
    text.pass.routing = m_routing;
    text.pass.cache = &text.sequence.cache;
    text.pass.trace = false;
    text.pass.lastLogitsOnly = true;
    text.sequence.length = static_cast<std::int64_t>(text.asked.ids.size());
    return true;
}

/// A stage of the text that enters; behind the last one it has a token and is in flight.
void BatchGenerator::prefill() {
    const Clock::time_point start = Clock::now();
    Text& text = *m_entering;
    m_model.runStage(text.pass);
    m_figures.prefillSeconds += std::chrono::duration<double>(Clock::now() - start).count();
    if (text.pass.stage < m_model.stages()) {
        record({.lane = {trace::LaneKind::Prompts}, .tokens = 1, .rows = 1, .room = 1}, start);
        return;
    }
    const at::Tensor depths = text.pass.depth[0].to(at::kByte).cpu().contiguous();
    countFlops(
        text, {depths.const_data_ptr<std::uint8_t>(), static_cast<std::size_t>(depths.numel())}, 0);
    const at::Tensor logits = text.pass.logits.flatten().to(at::kFloat).cpu().contiguous();
    text.pass = {};
    if (choose(text, logits)) {
        const BatchScheduler::Text number = text.asked.number;
        m_scheduler.admit(number);
        m_texts[number] = std::move(m_entering);
    }
    m_entering.reset();
    record({.lane = {trace::LaneKind::Prompts}, .tokens = 1, .rows = 1, .room = 1}, start);
}

/// Of tokens that have run all of the model, the first of them at position `first`. Only the last
/// one's logits are made.
void BatchGenerator::countFlops(Text& text,
                                std::span<const std::uint8_t> depth,
                                std::int64_t first) {
    const spec::LanguageSpec& config = m_model.config();
    text.cached.resize(config.sharesLayers() ? static_cast<std::size_t>(m_routing.depth) : 0);
    spec::StepWork work = spec::stepWork(config, m_routing, {depth, first, text.cached});
    work.headTokens = 1;
    m_lanes.flops += spec::stepFlops(config, work);
    m_lanes.fullFlops += spec::stepFlops(config, spec::fullWork(config, work));
    for (std::size_t r = 0; r < text.cached.size(); ++r) {
        text.cached[r] += std::ranges::count_if(depth, [r](std::uint8_t own) { return own > r; });
    }
}

/// One batch from `start` to now.
void BatchGenerator::record(trace::LaneSpan span, Clock::time_point start) {
    span.start = std::chrono::duration<double>(start - m_began).count();
    span.length = std::chrono::duration<double>(Clock::now() - start).count();
    span.seconds = span.length;
    span.ownSeconds =
        span.length * static_cast<double>(span.tokens) / static_cast<double>(span.rows);
    m_spans.add(span);
}

/// The next token from logits [V]; false: they are not finite, and the text has ended.
bool BatchGenerator::choose(Text& text, const at::Tensor& logits) {
    try {
        const float* data = logits.const_data_ptr<float>();
        const auto size = static_cast<std::size_t>(logits.numel());
        text.sequence.id = text.sampler.choose(std::span(data, size)).id;
        return true;
    } catch (const Error& error) {
        end(text, error);
        return false;
    }
}

/// Answers, and forgets the text where it was in flight.
void BatchGenerator::end(Text& text, std::optional<Error> error) {
    const BatchScheduler::Text number = text.asked.number;
    m_kvPromised -= text.kvPromised;
    text.result.error = std::move(error);
    ++m_lanes.texts;
    m_ends.sink(std::move(text.result));
    if (m_texts.erase(number) > 0) {
        m_scheduler.ends();
    }
}

/// A token whose layers up to here have run: to its next recursion, or out; the last one ends the
/// text, since nothing follows from its logits.
void BatchGenerator::sendOn(Text& text) {
    if (text.sequence.recurs) {
        m_scheduler.recurs(text.asked.number);
        return;
    }
    ++m_figures.tokens;
    text.result.tokens.push_back(text.sequence.id);
    text.result.depth.push_back(text.sequence.depth);
    const auto depth = static_cast<std::uint8_t>(text.sequence.depth);
    countFlops(text, {&depth, 1}, text.sequence.length - 1);
    text.isDecoding = true;
    const auto& ends = m_model.config().eosTokens;
    const settings::GenerationSettings& asked = text.asked.generation;
    const bool isOver = asked.stopAtEos && std::ranges::find(ends, text.sequence.id) != ends.end();
    if (isOver || std::ssize(text.result.tokens) >= asked.count) {
        end(text, std::nullopt);
    } else {
        m_scheduler.leaves(text.asked.number);
    }
}

/// Last layers, head and choice of those that have decoded a token; then the next one of all.
void BatchGenerator::betweenTokens(const std::vector<Text*>& texts) {
    const Clock::time_point start = Clock::now();
    std::vector<models::Sequence*> decoded, beginning;
    std::vector<Text*> ready;
    const double before = m_decoder.layerSeconds();
    for (Text* text : texts) {
        if (text->isDecoding) {
            decoded.push_back(&text->sequence);
        }
    }
    const at::Tensor logits = decoded.empty() ? at::Tensor() : m_decoder.finish(decoded);
    std::int64_t row = 0;
    for (Text* text : texts) {
        if (!text->isDecoding || choose(*text, logits[row++])) {
            ready.push_back(text);
            beginning.push_back(&text->sequence);
        }
    }
    if (ready.empty()) {
        return;
    }
    m_decoder.begin(beginning);
    count(m_figures.between, ready.size(), ready.size());
    if (decoded.size() == m_rows && ready.size() == m_rows) {
        m_fullBetween.tokens += static_cast<std::int64_t>(m_rows);
        m_fullBetween.layerSeconds += m_decoder.layerSeconds() - before;
    }
    countKv();
    const auto rows = static_cast<std::int64_t>(ready.size());
    for (Text* text : ready) {
        sendOn(*text);
    }
    record({.lane = {trace::LaneKind::Outside},
            .tokens = rows,
            .rows = rows,
            .room = static_cast<std::int64_t>(m_rows)},
           start);
}

void BatchGenerator::recur(const std::vector<Text*>& texts) {
    const Clock::time_point start = Clock::now();
    std::vector<models::Sequence*> sequences;
    std::vector<std::size_t> at(m_figures.recursions.size());
    for (Text* text : texts) {
        ++at[static_cast<std::size_t>(text->sequence.depth)];
        sequences.push_back(&text->sequence);
    }
    for (std::size_t r = 0; r < at.size(); ++r) {
        count(m_figures.recursions[r], at[r], texts.size());
    }
    const double before = m_decoder.layerSeconds();
    m_decoder.recur(sequences);
    if (texts.size() == m_rows) {
        m_fullRecursions.tokens += static_cast<std::int64_t>(m_rows);
        m_fullRecursions.layerSeconds += m_decoder.layerSeconds() - before;
    }
    countKv();
    const auto rows = static_cast<std::int64_t>(texts.size());
    for (Text* text : texts) {
        sendOn(*text);
    }
    for (std::size_t r = 0; r < at.size(); ++r) {
        if (at[r] > 0) {
            record({.lane = {trace::LaneKind::Recursion, static_cast<int>(r) + 1},
                    .tokens = static_cast<std::int64_t>(at[r]),
                    .rows = rows,
                    .room = static_cast<std::int64_t>(m_rows)},
                   start);
        }
    }
    trace::BatchCost& cost = m_lanes.costs[texts.size() - 1];
    ++cost.batches;
    cost.seconds += std::chrono::duration<double>(Clock::now() - start).count();
}

bool BatchGenerator::step() {
    if (m_entering) {
        prefill();
        return true;
    }
    if (m_scheduler.hasRoom() && admit()) {
        return true;
    }
    const BatchScheduler::Turn turn = m_scheduler.next();
    std::vector<Text*> texts;
    for (const BatchScheduler::Text number : turn.texts) {
        texts.push_back(m_texts.at(number).get());
    }
    if (!texts.empty()) {
        turn.recurs ? recur(texts) : betweenTokens(texts);
    }
    return m_scheduler.inFlight() > 0 || m_next || !m_exhausted;
}

std::vector<BatchResult> BatchGenerator::unfinished() const {
    std::vector<BatchResult> results;
    for (const auto& [number, text] : m_texts) {
        results.push_back(text->result);
    }
    return results;
}

void BatchGenerator::countKv() {
    std::int64_t used = 0, reserved = 0;
    for (const auto& [number, text] : m_texts) {
        used += text->sequence.cache.usedBytes();
        reserved += text->sequence.cache.reservedBytes();
    }
    m_figures.kvBytes = std::max(m_figures.kvBytes, static_cast<double>(used));
    m_figures.kvReservedBytes = std::max(m_figures.kvReservedBytes, static_cast<double>(reserved));
}

BatchFigures BatchGenerator::figures() const {
    BatchFigures figures = m_figures;
    figures.layerSeconds = m_decoder.layerSeconds();
    figures.fullRecursionSeconds = m_fullRecursions.mean();
    figures.fullBetweenSeconds = m_fullBetween.mean();
    return figures;
}

trace::Lanes BatchGenerator::lanes() const {
    trace::Lanes lanes = m_lanes;
    lanes.tokens = m_figures.tokens;
    lanes.seconds = std::chrono::duration<double>(Clock::now() - m_began).count();
    lanes.spans = m_spans.spans();
    return lanes;
}

} // namespace depthscope::generate
