// SPDX-License-Identifier: MIT
#include "widgets/lab/many_texts.h"

#include "engine/base/error.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/lab/rules.h"

#include <QMetaObject>
#include <algorithm>
#include <exception>
#include <utility>

namespace depthscope::lab {

ManyTexts::ManyTexts(LabController& lab, QObject* parent)
    : QObject(parent)
    , m_lab(lab) {
    connect(&m_lab, &LabController::taskEvent, this, &ManyTexts::onEvent);
}

void ManyTexts::start(const Asked& asked) {
    m_model = m_lab.model();
    if (isRunning() || !m_model || !m_lab.live()) {
        return;
    }
    m_asked = asked;
    m_settings = m_lab.settings();
    m_hasEnded = false;
    m_lanes.reset();
    m_fullLanes.reset();
    auto earlier = std::exchange(m_content, std::make_shared<Content>());
    m_stage = m_asked.file.isEmpty() ? Stage::Graded : Stage::Reading;
    Q_EMIT changed();
    if (m_stage == Stage::Graded) {
        nextGraded();
    } else {
        readFile(std::move(earlier));
    }
}

void ManyTexts::stop() {
    if (m_stage == Stage::Reading) {
        m_reader.request_stop();
    } else if (isRunning()) {
        m_lab.stopTask(m_job);
    }
}

void ManyTexts::readFile(std::shared_ptr<Content> earlier) {
    Q_EMIT progress(0, tr("Reading the prompts"));
    m_reader =
        std::jthread([this, earlier = std::move(earlier), file = m_asked.file.toStdString(),
                      generation = m_settings.generation](const std::stop_token& stop) mutable {
            earlier.reset();
            std::shared_ptr<Content> content;
            std::optional<Error> error;
            try {
                content = contentOf(file, generation, stop);
            } catch (const Error& thrown) {
                error = thrown;
            } catch (const std::exception& thrown) {
                error = Error(ErrorCode::OutOfMemory, file + ": " + thrown.what(),
                              "Use a smaller file.");
            }
            QMetaObject::invokeMethod(
                this, [this, content, error] { onRead(content, error); }, Qt::QueuedConnection);
        });
}

std::shared_ptr<ManyTexts::Content>
ManyTexts::contentOf(const std::string& file,
                     const settings::GenerationSettings& generation,
                     const std::stop_token& stop) {
    runtime::PromptFile read = runtime::readPrompts(file, generation, stop);
    auto content = std::make_shared<Content>();
    for (runtime::BadPrompt& bad : read.bad) {
        content->rows.push_back({bad.number, std::nullopt, std::move(bad.error)});
    }
    content->hasLines = !content->rows.empty();
    *content->prompts = std::move(read.good);
    content->makeRows();
    return content;
}

void ManyTexts::onRead(std::shared_ptr<Content> content, const std::optional<Error>& error) {
    if (m_reader.get_stop_token().stop_requested()) {
        end();
    } else if (error) {
        fail(*error);
    } else if (m_lab.model() != m_model || !m_lab.live()) {
        fail(Error(ErrorCode::Usage,
                   tr("The model was changed while the prompts were read.").toStdString(),
                   tr("Generate again with the model that is loaded now.").toStdString()));
    } else {
        m_content = std::move(content);
        generate();
    }
}

void ManyTexts::fail(const Error& error) {
    end();
    if (error.code() != ErrorCode::Interrupted) {
        Q_EMIT failed(QString::fromStdString(error.message()),
                      QString::fromStdString(error.hint()));
    }
}

/// One request for each text, so that each is whole and none is as long as all of them.
void ManyTexts::nextGraded() {
    constexpr std::uint32_t kBytes = 120;
    runtime::GradedTextRequest graded;
    graded.seed = m_settings.generation.seed + m_content->prompts->size();
    graded.bytes = kBytes;
    m_job = m_lab.startTask(graded);
    Q_EMIT progress(static_cast<double>(m_content->prompts->size()) / m_asked.graded,
                    tr("Making graded texts"));
}

runtime::BatchRequest ManyTexts::request() const {
    runtime::BatchRequest request;
    request.prompts = m_content->prompts;
    request.routing = causalRouting(*m_model, m_settings.routing);
    request.generation = m_settings.generation;
    request.batch = m_asked.batch;
    return request;
}

void ManyTexts::Content::makeRows() {
    for (const runtime::BatchPrompt& prompt : *prompts) {
        rows.push_back({prompt.number, std::nullopt, std::nullopt});
    }
    std::ranges::sort(rows, {}, &Row::number);
}

void ManyTexts::generate() {
    if (m_content->prompts->empty()) {
        end();
        return;
    }
    m_stage = Stage::Texts;
    m_job = m_lab.startTask(request());
    Q_EMIT changed();
}

/// The same prompts, so that time can be compared; their texts are of no interest.
void ManyTexts::generateAtFullDepth() {
    runtime::BatchRequest full = request();
    full.routing = {};
    full.routing.rule = settings::Rule::Fixed;
    full.routing.kv = m_settings.routing.kv;
    m_stage = Stage::FullDepth;
    m_job = m_lab.startTask(std::move(full));
}

void ManyTexts::end() {
    m_stage = Stage::Idle;
    m_job = 0;
    Q_EMIT changed();
}

std::string ManyTexts::lines() const {
    std::string lines;
    for (const Row& row : rows()) {
        if (row.error) {
            lines += runtime::errorLine(row.number, *row.error) + '\n';
        } else if (row.answer) {
            lines += runtime::answerLine(*row.answer) + '\n';
        }
    }
    return lines;
}

void ManyTexts::onEvent(const runtime::Event& event) {
    const auto isOwn = [this](const auto& one) { return m_job != 0 && one.job == m_job; };
    if (const auto* news = std::get_if<runtime::JobProgress>(&event)) {
        if (isOwn(*news)) {
            Q_EMIT progress(news->fraction,
                            m_stage == Stage::FullDepth
                                ? tr("Full depth: %1").arg(QString::fromStdString(news->what))
                                : QString::fromStdString(news->what));
        }
    } else if (const auto* graded = std::get_if<runtime::GradedTextReport>(&event)) {
        if (isOwn(*graded)) {
            const std::size_t number = m_content->prompts->size();
            m_content->prompts->push_back({number, graded->prompt, m_settings.generation.count,
                                           m_settings.generation.seed + number});
        }
    } else if (const auto* answer = std::get_if<runtime::BatchAnswer>(&event)) {
        if (isOwn(*answer) && m_stage == Stage::Texts) {
            onAnswer(*answer);
        }
    } else if (const auto* lanes = std::get_if<runtime::LanesReport>(&event)) {
        if (isOwn(*lanes)) {
            onLanes(*lanes);
        }
    } else if (const auto* report = std::get_if<runtime::BatchReport>(&event)) {
        if (isOwn(*report)) {
            onReport();
        }
    } else if (const auto* ended = std::get_if<runtime::JobEnded>(&event)) {
        if (isOwn(*ended)) {
            onEnded(*ended);
        }
    }
}

void ManyTexts::onAnswer(const runtime::BatchAnswer& answer) {
    std::vector<Row>& rows = m_content->rows;
    const auto row = std::ranges::lower_bound(rows, answer.number, {}, &Row::number);
    if (row != rows.end() && row->number == answer.number) {
        row->answer = answer;
        m_content->hasLines = true;
        Q_EMIT answered(static_cast<int>(row - rows.begin()));
    }
}

void ManyTexts::onLanes(const runtime::LanesReport& report) {
    if (m_stage == Stage::Texts) {
        m_lanes = report.lanes;
        m_lab.showLanes(m_lanes);
    } else {
        m_fullLanes = report.lanes;
    }
}

/// All of the texts, or of full depth, has been told. Both times are of the same clock and without
/// the engine's other work.
void ManyTexts::onReport() {
    if (m_stage == Stage::Texts) {
        m_hasEnded = true;
    } else if (m_lanes && m_fullLanes) {
        auto compared = std::make_shared<trace::Lanes>(*m_lanes);
        compared->fullSeconds = m_fullLanes->seconds - trace::idleSeconds(*m_fullLanes);
        compared->fullTokens = m_fullLanes->tokens;
        m_lanes = std::move(compared);
        m_lab.showLanes(m_lanes);
    }
}

void ManyTexts::onEnded(const runtime::JobEnded& ended) {
    if (ended.error) {
        fail(*ended.error);
    } else if (m_stage == Stage::Graded && std::ssize(*m_content->prompts) < m_asked.graded) {
        nextGraded();
    } else if (m_stage == Stage::Graded) {
        m_content->makeRows();
        generate();
    } else if (m_stage == Stage::Texts && m_asked.comparesFullDepth && m_hasEnded && m_lanes &&
               m_lanes->recursions > 1 && m_lab.model() == m_model) {
        generateAtFullDepth();
    } else {
        end();
    }
}

} // namespace depthscope::lab
