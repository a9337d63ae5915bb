"""The addresses of accounts."""

from django.urls import path

from storefront.accounts.passwords import ChangePassword, NewPassword, link_sent, lost_password
from storefront.accounts.profile import choose_mail, profile
from storefront.accounts.programs import revoke_token, tokens_page
from storefront.accounts.views import SignIn, SignOut, SignUp, enter_by_link
from storefront.letters.stopping import stop_mail

urlpatterns = [
    path("", profile, name="profile"),
    path("mail/", choose_mail, name="mail-choice"),
    path("mail/stop/<str:token>/", stop_mail, name="stop-mail"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-up/", SignUp.as_view(), name="sign-up"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("enter/<str:token>/", enter_by_link, name="enter"),
    path("password/", ChangePassword.as_view(), name="password-change"),
    path("password/lost/", lost_password, name="password-reset"),
    path("password/lost/sent/", link_sent, name="password-reset-sent"),
    path("tokens/", tokens_page, name="tokens"),
    path("tokens/<int:token_id>/revoke/", revoke_token, name="revoke-token"),
    path("password/new/<str:uidb64>/<str:token>/", NewPassword.as_view(), name="password-reset-confirm"),
]
