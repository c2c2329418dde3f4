#include "api/description.h"

hub_status description_get(request *r)
{
	const hub_embedded *d = &api_documents[0];
	buf_put(&r->body, d->bytes, d->len);
	return request_finish_tagged(r, 200);
}
