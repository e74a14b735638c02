// SPDX-License-Identifier: MIT
// Many texts generated together, beside the laboratory, which stays live: prompts from a file, read
// on a thread of its own, or graded text, then the texts, then the same prompts at full depth where
// that is asked for. Their lanes go to the laboratory as they come. Owned by whoever shows it; GUI
// thread. Throws nothing.
#pragma once

#include "engine/runtime/batch_lines.h"
#include "engine/runtime/event.h"

#include <QObject>
#include <QString>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace depthscope::lab {

class LabController;

class ManyTexts : public QObject {
    Q_OBJECT

public:
    struct Asked {
        QString file;    ///< prompts, .jsonl or .txt; empty: graded texts
        int graded = 32; ///< how many of those
        settings::BatchSettings batch;
        bool comparesFullDepth = true;
    };

    /// What has come of one request.
    struct Row {
        std::size_t number = 0;                     ///< the line of a file, from 0
        std::optional<runtime::BatchAnswer> answer; ///< nothing: not yet
        std::optional<Error> error;                 ///< of its line
    };

    explicit ManyTexts(LabController& lab, QObject* parent = nullptr);

    /// With the rule, the numbers of GENERATE and the model of the laboratory. Not while it runs.
    void start(const Asked& asked);
    void stop();

    [[nodiscard]] bool isRunning() const { return m_stage != Stage::Idle; }

    /// By their number.
    [[nodiscard]] const std::vector<Row>& rows() const { return m_content->rows; }

    /// Lines as `generate --prompts` writes them, of what has ended.
    [[nodiscard]] std::string lines() const;

    [[nodiscard]] bool hasLines() const { return m_content->hasLines; }

    /// Of the texts, once they have ended; null before.
    [[nodiscard]] trace::LanesPtr lanes() const { return m_hasEnded ? m_lanes : nullptr; }

Q_SIGNALS:
    /// Rows are there, or it has begun or ended.
    void changed();
    /// This row has an answer.
    void answered(int row);
    void progress(double fraction, const QString& what);
    void failed(const QString& message, const QString& hint);

private:
    enum class Stage : std::uint8_t { Idle, Reading, Graded, Texts, FullDepth };

    /// As large as a file may be: made, and given up, on the thread that reads.
    struct Content {
        std::shared_ptr<runtime::BatchPrompts> prompts = std::make_shared<runtime::BatchPrompts>();
        std::vector<Row> rows;
        bool hasLines = false; ///< a row has an answer or an error

        void makeRows();
    };

    void readFile(std::shared_ptr<Content> earlier);
    static std::shared_ptr<Content> contentOf(const std::string& file,
                                              const settings::GenerationSettings& generation,
                                              const std::stop_token& stop);
    void onRead(std::shared_ptr<Content> content, const std::optional<Error>& error);
    void fail(const Error& error);
    void nextGraded();
    void generate();
    void generateAtFullDepth();
    void end();
    void onEvent(const runtime::Event& event);
    void onAnswer(const runtime::BatchAnswer& answer);
    void onLanes(const runtime::LanesReport& report);
    void onReport();
    void onEnded(const runtime::JobEnded& ended);
    [[nodiscard]] runtime::BatchRequest request() const;

    LabController& m_lab;
    Stage m_stage = Stage::Idle;
    Asked m_asked;
    settings::LabSettings m_settings; ///< when it began
    std::shared_ptr<const spec::ModelInfo> m_model;
    std::shared_ptr<Content> m_content = std::make_shared<Content>(); ///< never null
    bool m_hasEnded = false;                                          ///< the texts have
    trace::LanesPtr m_lanes;                                          ///< of the texts
    trace::LanesPtr m_fullLanes;                                      ///< at full depth
    runtime::JobId m_job = 0;
    std::jthread m_reader; ///< last, so that it ends before anything that it tells
};

} // namespace depthscope::lab
