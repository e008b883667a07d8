//go:build !minimal && !(no_googleclouddns && no_azure)

package provider

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// oauthWords are the errors of a request for a token (RFC 6749, section 5.2) that are about who asks.
var oauthWords = []phrase{
	{"reasonable timeframe", Trouble, clockAdvice}, // Google's invalid_grant for an assertion of another time
	{`invalid_grant`, RefusedCredentials, "the credentials are not accepted"},
	{`invalid_client`, RefusedCredentials, "the credentials are not accepted"},
	{`unauthorized_client`, RefusedCredentials, "the credentials are not accepted"},
}

// oauth asks for an access token (RFC 6749, section 4.4).
func oauth(ctx context.Context, tokens *rest, path string, form url.Values) (string, time.Duration, error) {
	var answer struct {
		Token string `json:"access_token"`
		Life  int    `json:"expires_in"` // seconds
	}
	err := tokens.do(ctx, http.MethodPost, path, form, &answer)
	return answer.Token, time.Duration(answer.Life) * time.Second, err
}
