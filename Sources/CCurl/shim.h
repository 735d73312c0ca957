// libcurl's variadic calls with their argument types spelt out, which is how Swift can make them.
#pragma once
#include <curl/curl.h>
#include <sys/eventfd.h>

static inline CURLcode nasd_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode nasd_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

// Without a text, the option is cleared.
static inline CURLcode nasd_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode nasd_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode nasd_curl_set_list(CURL *handle, struct curl_slist *value) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, value);
}

static inline CURLcode nasd_curl_permit_http(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return curl_easy_setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

// A request that ends while a name is looked up leaves the look-up to its thread, which ends by itself.
static inline CURLcode nasd_curl_leave_lookups(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075700
    return curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
#else
    (void)handle;
    return CURLE_OK;
#endif
}

typedef size_t (*nasd_curl_data_callback)(char *data, size_t size, size_t count, void *context);

static inline CURLcode nasd_curl_set_data_callback(CURL *handle, CURLoption option, nasd_curl_data_callback value) {
    return curl_easy_setopt(handle, option, value);
}

typedef curl_socket_t (*nasd_curl_socket_callback)(void *context, curlsocktype purpose, struct curl_sockaddr *address);

static inline CURLcode nasd_curl_set_socket_callback(CURL *handle, nasd_curl_socket_callback value) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}

static inline CURLcode nasd_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode nasd_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}

// A descriptor that is readable once something was written to it; the Swift overlay of glibc lacks it.
static inline int nasd_curl_wake_descriptor(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

// The outcome of the transfer that has ended on a multi handle; false while it goes on.
static inline int nasd_curl_finished(CURLM *multi, CURLcode *outcome) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *outcome = message->data.result;
            return 1;
        }
    }
    return 0;
}
