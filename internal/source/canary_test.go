package source_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/source"
)

// canary is a secret that no sentence may hold, in whatever form.
const canary = "canary/zulu+secret"

// canaries are the forms in which a server may have it.
func canaries() []string {
	return []string{
		"canary", "zulu", url.QueryEscape(canary), base64.StdEncoding.EncodeToString([]byte(canary)),
		base64.StdEncoding.EncodeToString([]byte("user:" + canary)),
	}
}

// echoes shows everything that it was asked with: headers, path, query, in the reply and in its headers.
func echoes(status int, shape string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		all := fmt.Sprint(r.Header.Get("Authorization"), " ", user, password, " ", r.Header.Get("X-Api-Key"), " ", r.RequestURI, " ", r.URL.Path, " ", string(body))
		w.Header().Set("Location", "https://evil.example/"+all)
		w.Header().Set("WWW-Authenticate", all)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.ReplaceAll(shape, "ECHO", strings.NewReplacer(`"`, `'`, "\n", " ").Replace(all)))
	}
}

// shapes are replies that a source reads in different ways.
var shapes = map[string]struct {
	status int
	shape  string
}{
	"a refusal":           {401, "ECHO"},
	"a refusal in HTML":   {403, "<html>ECHO"},
	"an error":            {500, "ECHO"},
	"an error in JSON":    {400, `{"status":"error","errorType":"bad_data","error":"ECHO"}`},
	"an error of no type": {422, `{"status":"error","errorType":"ECHO","error":"ECHO"}`},
	"an error with 200":   {200, `{"status":"error","errorType":"execution","error":"ECHO"}`},
	"a redirect":          {307, "ECHO"},
	"no JSON":             {200, "ECHO"},
	"a text for a value":  {200, `{"open":"ECHO","status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1772365500,"ECHO"]}]}}`},
	"a type":              {200, `{"open":{"ECHO":1},"status":"success","data":{"resultType":"ECHO","result":"ECHO"}}`},
	"a status":            {200, `{"status":"ECHO"}`},
	"a long reply":        {200, strings.Repeat("ECHO", 10_000)},
}

func TestNoSentenceHoldsASecret(t *testing.T) {
	issuer := answers(t, says(200, "application/json", `{"access_token":"canary/zulu+secret","expires_in":3600}`))
	refusing := answers(t, echoes(401, `{"error":"invalid_client","error_description":"ECHO"}`))
	auths := map[string]egress.Auth{
		"basic":                         egress.BasicAuth("user", canary),
		"bearer":                        egress.BearerAuth(canary),
		"header":                        egress.HeaderAuth("X-Api-Key", canary),
		"a token":                       egress.OAuth2Auth(issuer.URL, "client-id", "client-secret"),
		"a token that is refused":       egress.OAuth2Auth(refusing.URL+"/"+canary, canary, canary),
		"a path, a query and no header": {},
	}
	for how, auth := range auths {
		for name, test := range shapes {
			t.Run(how+", "+name, func(t *testing.T) {
				server := answers(t, echoes(test.status, test.shape))
				client := clientFor(t, server, func(options *egress.Options) { options.Auth = auth })
				base := server.URL
				if how == "a path, a query and no header" {
					base += "/" + canary + "?key=" + url.QueryEscape(canary)
				}
				asks := map[string]source.Question{
					"prometheus": prepare(t, &source.Builder{}, query("up"), metricSource(v1alpha1.MetricSourcePrometheus, base), client),
					"http":       prepare(t, &source.Builder{}, document("/v1", `double(reply.open)`), admitting(base, "/"), client),
				}
				for kind, question := range asks {
					sample := question.Asker.Ask(t.Context(), noon)
					checkSentence(t, sample.Message)
					told := sample.Message + question.Key + question.Lane
					if keeps, ok := question.Asker.(source.Historian); ok {
						_, err := keeps.History(t.Context(), noon, noon, 1)
						told += fmt.Sprint(err)
					}
					for _, form := range canaries() {
						if strings.Contains(told, form) {
							t.Errorf("%s shows %s: %s", kind, form, told)
						}
					}
				}
			})
		}
	}
}
