// The files of the dashboard, byte for byte. #embed is of C23, and of clang before.
#include "CDashboard.h"

static const unsigned char index_html[] = {
#embed "Pages/index.html"
};
static const unsigned char style_css[] = {
#embed "Pages/style.css"
};
static const unsigned char icon_svg[] = {
#embed "Pages/icon.svg"
};
static const unsigned char app_js[] = {
#embed "Pages/app.js"
};
static const unsigned char api_js[] = {
#embed "Pages/api.js"
};
static const unsigned char dom_js[] = {
#embed "Pages/dom.js"
};
static const unsigned char format_js[] = {
#embed "Pages/format.js"
};
static const unsigned char scale_js[] = {
#embed "Pages/scale.js"
};
static const unsigned char lines_js[] = {
#embed "Pages/lines.js"
};
static const unsigned char scatter_js[] = {
#embed "Pages/scatter.js"
};
static const unsigned char blocks_js[] = {
#embed "Pages/blocks.js"
};
static const unsigned char entry_js[] = {
#embed "Pages/entry.js"
};
static const unsigned char runs_js[] = {
#embed "Pages/runs.js"
};
static const unsigned char run_js[] = {
#embed "Pages/run.js"
};
static const unsigned char front_js[] = {
#embed "Pages/front.js"
};
static const unsigned char sampler_js[] = {
#embed "Pages/sampler.js"
};
static const unsigned char journal_js[] = {
#embed "Pages/journal.js"
};
static const unsigned char candidates_js[] = {
#embed "Pages/candidates.js"
};
static const unsigned char candidate_js[] = {
#embed "Pages/candidate.js"
};
static const unsigned char compare_js[] = {
#embed "Pages/compare.js"
};
static const unsigned char submit_js[] = {
#embed "Pages/submit.js"
};
static const unsigned char daemon_js[] = {
#embed "Pages/daemon.js"
};

#define FILE_OF(name, bytes) {name, bytes, sizeof bytes}
static const struct nasd_page pages[] = {
    FILE_OF("index.html", index_html),
    FILE_OF("style.css", style_css),
    FILE_OF("icon.svg", icon_svg),
    FILE_OF("app.js", app_js),
    FILE_OF("api.js", api_js),
    FILE_OF("dom.js", dom_js),
    FILE_OF("format.js", format_js),
    FILE_OF("scale.js", scale_js),
    FILE_OF("lines.js", lines_js),
    FILE_OF("scatter.js", scatter_js),
    FILE_OF("blocks.js", blocks_js),
    FILE_OF("entry.js", entry_js),
    FILE_OF("runs.js", runs_js),
    FILE_OF("run.js", run_js),
    FILE_OF("front.js", front_js),
    FILE_OF("sampler.js", sampler_js),
    FILE_OF("journal.js", journal_js),
    FILE_OF("candidates.js", candidates_js),
    FILE_OF("candidate.js", candidate_js),
    FILE_OF("compare.js", compare_js),
    FILE_OF("submit.js", submit_js),
    FILE_OF("daemon.js", daemon_js),
};

const struct nasd_page *nasd_page_at(size_t index) { return index < sizeof pages / sizeof *pages ? pages + index : 0; }
